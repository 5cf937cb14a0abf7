#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

// Macros that Swift does not import.
static const int otoscope_averror_eof = AVERROR_EOF;
static const int otoscope_averror_eagain = AVERROR(EAGAIN);
static const int otoscope_averror_invalid_data = AVERROR_INVALIDDATA;
static const int otoscope_averror_not_permitted = AVERROR(EPERM);
static const int64_t otoscope_no_timestamp = AV_NOPTS_VALUE;
