// The map: points on a canvas, chosen with mouse, finger or keys, one of them seen and heard at a time.

(() => {
  const data = JSON.parse(document.getElementById('atlas-data').textContent);
  const { points, groups, scale } = data;
  const canvas = document.getElementById('map'), pen = canvas.getContext('2d');
  const panel = document.getElementById('chosen'), find = document.getElementById('find');
  const colouring = document.getElementById('colouring'), legend = document.getElementById('legend');
  const bar = document.getElementById('scale'), still = panel.innerHTML;
  const audio = new Audio();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const quiet = () => dark.matches ? '#59616c' : '#c3c8cf';
  let chosen = -1, hovered = -1, only = -1, words = '';

  // What a unit of the map is in pixels, and which of its places is in the middle.
  const xs = points.map(point => point.x), ys = points.map(point => point.y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)], [low, high] = [Math.min(...ys), Math.max(...ys)];
  const home = { x: (left + right) / 2 || 0, y: (low + high) / 2 || 0, zoom: 1 };
  let view = { ...home }, size = { width: 1, height: 1 };
  const unit = () => view.zoom * 0.92
    * Math.min(size.width / Math.max(right - left, 1e-9), size.height / Math.max(high - low, 1e-9), 1e9);
  const place = ({ x, y }) => [size.width / 2 + (x - view.x) * unit(), size.height / 2 - (y - view.y) * unit()];

  const ramp = position => {
    const stops = scale.colours, at = Math.min(Math.max(position, 0), 1) * (stops.length - 1);
    return stops[Math.round(at)];
  };
  const colourOf = point => {
    if (colouring.value === 'class') {
      const group = groups[point.g];
      return group && group.colour ? dark.matches && group.colour === '#282828' ? '#dcdcdc' : group.colour : quiet();
    }
    if (colouring.value === 'unit') {
      if (point.v === undefined) return quiet();
      return ramp(scale.high > scale.low ? (point.v - scale.low) / (scale.high - scale.low) : 0.5);
    }
    return point.c;
  };
  const markOf = point => colouring.value === 'class' && groups[point.g] ? groups[point.g].mark : 'disc';
  const isShown = point => (only < 0 || point.g === only) && (!words
    || (point.n + ' ' + (groups[point.g] ? groups[point.g].name : '')).toLowerCase().includes(words));

  const mark = (context, kind, x, y, r, colour) => {
    context.fillStyle = colour;
    context.beginPath();
    if (kind === 'square') context.rect(x - r * .9, y - r * .9, r * 1.8, r * 1.8);
    else if (kind === 'triangle') {
      context.moveTo(x, y - 1.25 * r); context.lineTo(x + 1.09 * r, y + .63 * r);
      context.lineTo(x - 1.09 * r, y + .63 * r);
    } else if (kind === 'diamond') {
      context.moveTo(x, y - 1.25 * r); context.lineTo(x + 1.25 * r, y); context.lineTo(x, y + 1.25 * r);
      context.lineTo(x - 1.25 * r, y);
    } else context.arc(x, y, r, 0, 7);
    context.fill();
    if (kind === 'ring') {
      context.fillStyle = getComputedStyle(document.body).getPropertyValue('--card');
      context.beginPath(); context.arc(x, y, r * .5, 0, 7); context.fill();
    }
  };

  let waiting = false;
  const draw = () => {
    waiting = false;
    const ratio = devicePixelRatio || 1, box = canvas.getBoundingClientRect();
    size = { width: box.width, height: box.height };
    canvas.width = Math.round(box.width * ratio); canvas.height = Math.round(box.height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const radius = (points.length > 2000 ? 2.4 : points.length > 500 ? 3.4 : 4.6) * Math.min(2, Math.sqrt(view.zoom));
    const ink = getComputedStyle(document.body).getPropertyValue('--ink');
    for (const faint of [true, false]) {
      pen.globalAlpha = faint ? .25 : 1;
      for (const point of points) {
        if (isShown(point) === faint) continue;
        const [x, y] = place(point);
        if (x < -9 || y < -9 || x > size.width + 9 || y > size.height + 9) continue;
        mark(pen, markOf(point), x, y, radius, faint ? quiet() : colourOf(point));
      }
    }
    pen.globalAlpha = 1;
    for (const [index, width] of [[hovered, 1.5], [chosen, 3]]) {
      if (index < 0) continue;
      const [x, y] = place(points[index]);
      pen.strokeStyle = ink; pen.lineWidth = width;
      pen.beginPath(); pen.arc(x, y, radius + 5, 0, 7); pen.stroke();
    }
  };
  const redraw = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

  // What is said of the chosen point.
  const player = document.getElementById('play');
  const words1 = (tag, text, parent) => {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.append(element);
    return element;
  };
  const show = () => {
    panel.replaceChildren();
    if (chosen < 0) { panel.innerHTML = still; return; }
    const point = points[chosen];
    words1('h2', point.n, panel);
    if (point.t) {
      const image = document.createElement('img');
      image.src = point.t; image.alt = 'Spectrogram of ' + point.n;
      panel.append(image);
    }
    const facts = document.createElement('dl');
    for (const [name, value] of [['class', groups[point.g] && groups[point.g].name],
      ['length', point.l === undefined ? undefined : point.l.toFixed(2) + ' s'],
      [scale.label, point.v === undefined ? undefined : +point.v.toPrecision(4)]]) {
      if (value === undefined || !name) continue;
      words1('dt', name, facts); words1('dd', value, facts);
    }
    panel.append(facts);
    if (point.s) {
      player.hidden = false;
      player.setAttribute('aria-label', 'Play ' + point.n);
      panel.append(player);
    } else words1('p', 'No sound is kept for this point.', panel);
  };
  const tell = () => {
    const playing = !audio.paused && !audio.ended;
    player.classList.toggle('playing', playing);
    player.setAttribute('aria-pressed', playing);
    const length = isFinite(audio.duration) ? ' / ' + audio.duration.toFixed(1) + ' s' : '';
    player.querySelector('.time').textContent = audio.error ? 'not found' : audio.currentTime.toFixed(1) + length;
  };
  for (const event of ['play', 'pause', 'ended', 'timeupdate', 'loadedmetadata', 'error']) {
    audio.addEventListener(event, tell);
  }
  const play = () => {
    if (chosen < 0 || !points[chosen].s) return;
    if (!audio.paused) { audio.pause(); return; }
    audio.currentTime = 0;
    audio.play().catch(tell);
  };
  const choose = (index, isHeard) => {
    audio.pause();
    chosen = index;
    if (index >= 0 && points[index].s) audio.src = points[index].s;
    show(); redraw();
    if (isHeard) play();
  };
  player.addEventListener('click', play);

  const nearest = (x, y, reach) => {
    let best = -1, least = reach * reach;
    points.forEach((point, index) => {
      if (!isShown(point)) return;
      const [px, py] = place(point), distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) { least = distance; best = index; }
    });
    return best;
  };
  const zoomAt = (factor, x = size.width / 2, y = size.height / 2) => {
    const before = unit(), mapX = view.x + (x - size.width / 2) / before, mapY = view.y - (y - size.height / 2) / before;
    view.zoom = Math.min(Math.max(view.zoom * factor, 1), 200);
    const after = unit();
    view.x = mapX - (x - size.width / 2) / after; view.y = mapY + (y - size.height / 2) / after;
    if (view.zoom === 1) view = { ...home };
    redraw();
  };

  // Moves the map where a point lies beyond its edges.
  const uncover = index => {
    const [x, y] = place(points[index]);
    if (x >= 0 && y >= 0 && x <= size.width && y <= size.height) return;
    view.x = points[index].x; view.y = points[index].y;
    redraw();
  };

  // One finger or the mouse chooses and moves, two fingers zoom.
  const fingers = new Map();
  let moved = 0;
  const at = event => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 1) moved = 0;
  });
  canvas.addEventListener('pointermove', event => {
    const now = at(event), before = fingers.get(event.pointerId);
    if (!before) {
      const index = nearest(now.x, now.y, 16);
      if (index !== hovered) {
        hovered = index;
        canvas.title = index < 0 ? '' : points[index].n;
        redraw();
      }
      return;
    }
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const apart = a => Math.hypot(a.x - other.x, a.y - other.y);
      zoomAt(apart(now) / Math.max(apart(before), 1), other.x, other.y);
      moved = 99;
    } else {
      moved += Math.hypot(now.x - before.x, now.y - before.y);
      if (moved > 6) {
        view.x -= (now.x - before.x) / unit(); view.y += (now.y - before.y) / unit();
        redraw();
      }
    }
    fingers.set(event.pointerId, now);
  });
  const lift = event => {
    const spot = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    if (!spot || event.type === 'pointercancel' || moved > 6) return;
    choose(nearest(spot.x, spot.y, 24), true);
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  canvas.addEventListener('pointerleave', () => { hovered = -1; redraw(); });
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    const { x, y } = at(event);
    zoomAt(Math.exp(-event.deltaY / 400), x, y);
  }, { passive: false });

  canvas.addEventListener('keydown', event => {
    const directions = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = directions[event.key];
    if (way) {
      const [x, y] = chosen < 0 ? [size.width / 2, size.height / 2] : place(points[chosen]);
      let best = -1, least = Infinity;
      points.forEach((point, index) => {
        if (index === chosen || !isShown(point)) return;
        const [px, py] = place(point), along = (px - x) * way[0] + (py - y) * way[1];
        const aside = Math.abs((px - x) * way[1]) + Math.abs((py - y) * way[0]);
        const cost = along + 2 * aside;
        if ((along > 0 || chosen < 0 && along >= 0) && aside <= 2 * along + 1 && cost < least) {
          least = cost; best = index;
        }
      });
      if (best >= 0) { choose(best, false); uncover(best); }
    } else if (event.key === 'Enter' || event.key === ' ') play();
    else if (event.key === 'Escape') choose(-1, false);
    else if (event.key === '+' || event.key === '=') zoomAt(1.4);
    else if (event.key === '-') zoomAt(1 / 1.4);
    else if (event.key === '0') { view = { ...home }; redraw(); }
    else return;
    event.preventDefault();
  });
  document.getElementById('closer').addEventListener('click', () => zoomAt(1.6));
  document.getElementById('farther').addEventListener('click', () => zoomAt(1 / 1.6));
  document.getElementById('whole').addEventListener('click', () => { view = { ...home }; redraw(); });

  const key = () => {
    legend.replaceChildren();
    legend.hidden = colouring.value !== 'class';
    bar.hidden = colouring.value === 'class';
    if (colouring.value === 'unit') {
      bar.innerHTML = '<span></span><i></i><span></span><b></b>';
      const [from, strip, to, what] = bar.children;
      from.textContent = +scale.low.toPrecision(3); to.textContent = +scale.high.toPrecision(3);
      what.textContent = scale.label;
      strip.style.background = `linear-gradient(to right, ${scale.colours.join(',')})`;
    } else if (!bar.hidden) bar.textContent = data.meaning;
    groups.forEach((group, index) => {
      const item = document.createElement('li'), button = document.createElement('button');
      const sample = document.createElement('canvas');
      sample.width = sample.height = 28;
      const context = sample.getContext('2d');
      context.scale(2, 2);
      mark(context, group.mark, 7, 7, 4.6, colourOf({ g: index }));
      button.type = 'button';
      button.setAttribute('aria-pressed', only === index);
      button.append(sample, `${group.name} (${group.count})`);
      button.addEventListener('click', () => { only = only === index ? -1 : index; key(); redraw(); });
      item.append(button);
      legend.append(item);
    });
  };
  colouring.addEventListener('change', () => { only = -1; key(); redraw(); });
  find.addEventListener('input', () => { words = find.value.trim().toLowerCase(); redraw(); });
  find.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    const index = points.findIndex(isShown);
    if (index >= 0) { choose(index, true); uncover(index); canvas.focus(); }
  });
  dark.addEventListener('change', () => { key(); redraw(); });
  new ResizeObserver(redraw).observe(canvas);
  player.remove();
  key();
  show();
  draw();
})();
