#pragma once
#include <dlfcn.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Macros that Swift does not import.
static const int otoscope_averror_eof = AVERROR_EOF;
static const int otoscope_averror_eagain = AVERROR(EAGAIN);
static const int otoscope_averror_invalid_data = AVERROR_INVALIDDATA;
static const int otoscope_averror_not_permitted = AVERROR(EPERM);
static const int64_t otoscope_no_timestamp = AV_NOPTS_VALUE;
static const int otoscope_input_padding = AV_INPUT_BUFFER_PADDING_SIZE;
static const int otoscope_codec_flag_global_header = AV_CODEC_FLAG_GLOBAL_HEADER;

// What is used of FFmpeg, library by library. Its libraries bring a hundred others along, which take 25 MB and most of
// a program's start: they are loaded when the first sound is read, not when the program begins.
#define OTOSCOPE_FFMPEG(IN)                                                                              \
  IN(avutil, AVUTIL, av_channel_layout_default) IN(avutil, AVUTIL, av_dict_free)                         \
  IN(avutil, AVUTIL, av_dict_set) IN(avutil, AVUTIL, av_frame_alloc) IN(avutil, AVUTIL, av_frame_free)   \
  IN(avutil, AVUTIL, av_log_set_level) IN(avutil, AVUTIL, av_opt_set_double)                             \
  IN(avutil, AVUTIL, av_opt_set_int) IN(avutil, AVUTIL, av_rescale_q) IN(avutil, AVUTIL, av_strerror)    \
  IN(avcodec, AVCODEC, av_packet_alloc) IN(avcodec, AVCODEC, av_packet_free)                             \
  IN(avcodec, AVCODEC, av_packet_unref) IN(avcodec, AVCODEC, avcodec_alloc_context3)                     \
  IN(avcodec, AVCODEC, avcodec_find_decoder) IN(avcodec, AVCODEC, avcodec_flush_buffers)                 \
  IN(avcodec, AVCODEC, avcodec_free_context) IN(avcodec, AVCODEC, avcodec_get_name)                      \
  IN(avcodec, AVCODEC, avcodec_open2) IN(avcodec, AVCODEC, avcodec_parameters_to_context)                \
  IN(avcodec, AVCODEC, avcodec_receive_frame) IN(avcodec, AVCODEC, avcodec_send_packet)                  \
  IN(avformat, AVFORMAT, av_read_frame) IN(avformat, AVFORMAT, av_seek_frame)                            \
  IN(avformat, AVFORMAT, avformat_alloc_context) IN(avformat, AVFORMAT, avformat_close_input)            \
  IN(avformat, AVFORMAT, avformat_find_stream_info) IN(avformat, AVFORMAT, avformat_open_input)          \
  IN(avformat, AVFORMAT, avio_closep) IN(avformat, AVFORMAT, avio_open2)                                 \
  IN(swresample, SWRESAMPLE, swr_alloc_set_opts2) IN(swresample, SWRESAMPLE, swr_convert)                \
  IN(swresample, SWRESAMPLE, swr_free) IN(swresample, SWRESAMPLE, swr_get_out_samples)                   \
  IN(swresample, SWRESAMPLE, swr_init)                                                                   \
  IN(avutil, AVUTIL, av_frame_get_buffer) IN(avutil, AVUTIL, av_frame_make_writable)                     \
  IN(avutil, AVUTIL, av_free) IN(avutil, AVUTIL, av_opt_set)                                             \
  IN(avutil, AVUTIL, av_frame_get_side_data)                                                             \
  IN(avcodec, AVCODEC, av_packet_rescale_ts) IN(avcodec, AVCODEC, avcodec_find_encoder_by_name)          \
  IN(avcodec, AVCODEC, avcodec_parameters_from_context) IN(avcodec, AVCODEC, avcodec_receive_packet)     \
  IN(avcodec, AVCODEC, avcodec_send_frame)                                                               \
  IN(avformat, AVFORMAT, av_interleaved_write_frame) IN(avformat, AVFORMAT, av_write_trailer)            \
  IN(avformat, AVFORMAT, avformat_alloc_output_context2) IN(avformat, AVFORMAT, avformat_free_context)   \
  IN(avformat, AVFORMAT, avformat_new_stream) IN(avformat, AVFORMAT, avformat_write_header)              \
  IN(avformat, AVFORMAT, avio_close_dyn_buf) IN(avformat, AVFORMAT, avio_open_dyn_buf)

// What is used to read pictures only: whoever reads sounds need not have it.
#define OTOSCOPE_SWSCALE(IN)                                                                             \
  IN(swscale, SWSCALE, sws_freeContext) IN(swscale, SWSCALE, sws_getContext) IN(swscale, SWSCALE, sws_scale)

// FFmpeg's functions under their own names.
#define OTOSCOPE_FIELD(library, macros, name) __typeof__(name) *_Nonnull name;
typedef struct {
  OTOSCOPE_FFMPEG(OTOSCOPE_FIELD)
} otoscope_ffmpeg;
typedef struct {
  OTOSCOPE_SWSCALE(OTOSCOPE_FIELD)
} otoscope_swscale;
#undef OTOSCOPE_FIELD

// Fill in the functions, of the versions that these headers are of. NULL, or what is missing, in the loader's words.
#define OTOSCOPE_LOAD(library, macros, name)                                                              \
  {                                                                                                       \
    void *handle =                                                                                        \
        dlopen("lib" #library ".so." AV_STRINGIFY(LIB##macros##_VERSION_MAJOR), RTLD_LAZY | RTLD_LOCAL);  \
    void *symbol = handle ? dlsym(handle, #name) : NULL;                                                  \
    if (!symbol) return dlerror();                                                                        \
    functions->name = (__typeof__(name) *)symbol;                                                         \
  }
static inline const char *_Nullable otoscope_load_ffmpeg(otoscope_ffmpeg *_Nonnull functions) {
  OTOSCOPE_FFMPEG(OTOSCOPE_LOAD)
  return NULL;
}
static inline const char *_Nullable otoscope_load_swscale(otoscope_swscale *_Nonnull functions) {
  OTOSCOPE_SWSCALE(OTOSCOPE_LOAD)
  return NULL;
}
#undef OTOSCOPE_LOAD
