// One sound at a time, cursors in time with it, pictures to seek in.
//
// A `.listen` group is a picture and the buttons for the sounds it shows. Its sounds share one position, so that
// changing from what was heard to what was ignored goes on at the same moment.
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const clock = seconds => seconds.toFixed(1);
  document.body.classList.add('enhanced');
  let running = 0;

  const groups = all('.listen').map(root => {
    const seek = root.querySelector('.seek');
    const buttons = all('.player', root).map(button => (
      { button, audio: document.getElementById(button.dataset.player) }));
    const start = +seek.dataset.start, end = +seek.dataset.end;
    return { root, seek, buttons, start, end, cursor: seek.querySelector('.cursor'), active: buttons[0], time: null };
  });

  const show = group => {
    const { seek, start, end, cursor, time } = group;
    for (const { button, audio } of group.buttons) {
      const playing = !audio.paused;
      button.classList.toggle('playing', playing);
      button.setAttribute('aria-pressed', playing);
      const length = isFinite(audio.duration) ? ' / ' + clock(audio.duration) + ' s' : '';
      button.querySelector('.time').textContent = clock(audio.currentTime) + length;
    }
    cursor.classList.toggle('placed', time !== null);
    if (time === null) return;
    const at = Math.min(Math.max((time - start) / (end - start), 0), 1);
    cursor.style.left = at * 100 + '%';
    seek.setAttribute('aria-valuenow', time.toFixed(2));
    seek.setAttribute('aria-valuetext', time.toFixed(2) + ' seconds');
  };

  const moveTo = (group, time) => {
    const length = group.active.audio.duration;
    group.time = Math.min(Math.max(time, 0), isFinite(length) ? length : group.end);
    for (const { audio } of group.buttons) audio.currentTime = group.time;
    for (const other of groups) {
      const shared = other.buttons.find(({ audio }) => group.buttons.some(mine => mine.audio === audio));
      if (other !== group && other.time !== null && shared && shared === other.active) other.time = group.time;
      show(other);
    }
  };

  const toggle = (group, player) => {
    if (!player) return;
    const { audio } = player;
    if (!audio.paused) { audio.pause(); return; }
    const from = audio.ended || group.time === null || group.time >= audio.duration - 0.02 ? 0 : group.time;
    group.active = player;
    audio.currentTime = from;
    audio.play().catch(() => {});
  };

  const step = () => {
    const playing = groups.filter(group => group.buttons.some(({ audio }) => !audio.paused));
    for (const group of playing) {
      group.active = group.buttons.find(({ audio }) => !audio.paused);
      group.time = group.active.audio.currentTime;
      show(group);
    }
    running = playing.length ? requestAnimationFrame(step) : 0;
  };

  for (const audio of all('audio')) {
    audio.addEventListener('play', () => {
      for (const other of all('audio')) if (other !== audio) other.pause();
      if (!running) running = requestAnimationFrame(step);
    });
    const refresh = () => groups.forEach(group => {
      if (group.buttons.some(player => player.audio === audio)) show(group);
    });
    for (const event of ['play', 'pause', 'ended', 'loadedmetadata', 'seeked']) {
      audio.addEventListener(event, refresh);
    }
    audio.addEventListener('error', () => all(`[data-player="${audio.id}"]`).forEach(button => {
      button.disabled = true;
      button.querySelector('.time').textContent = 'not found';
    }));
  }

  for (const group of groups) {
    const { root, seek, start, end } = group;
    seek.hidden = false;
    for (const player of group.buttons) {
      player.button.hidden = false;
      player.button.addEventListener('click', () => toggle(group, player));
    }
    const follow = event => {
      const box = seek.getBoundingClientRect();
      moveTo(group, start + (event.clientX - box.left) / box.width * (end - start));
    };
    seek.addEventListener('click', event => {
      follow(event);
      if (root.dataset.plays !== undefined && group.active.audio.paused) toggle(group, group.active);
    });
    seek.addEventListener('pointermove', event => { if (event.buttons & 1) follow(event); });
    seek.addEventListener('keydown', event => {
      const now = group.time ?? 0;
      const small = (end - start) / 100;
      const moves = {
        ArrowLeft: now - small, ArrowDown: now - small, ArrowRight: now + small, ArrowUp: now + small,
        PageDown: now - 10 * small, PageUp: now + 10 * small, Home: 0, End: end,
      };
      if (event.key in moves) moveTo(group, moves[event.key]);
      else if (event.key === ' ' || event.key === 'Enter') toggle(group, group.active);
      else return;
      event.preventDefault();
    });
    show(group);
  }
  addEventListener('beforeprint', () => all('details').forEach(details => { details.open = true; }));
})();
