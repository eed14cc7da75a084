"use strict";
// Hovering a chart reads every chart at the same time: its cursor moves, its legend shows the values there.
(() => {
  const space = "\u00a0";
  const count = (v) => {
    const text = Math.abs(v) >= 100 || v === Math.round(v) ? v.toFixed(0) : String(Number(v.toPrecision(2)));
    return text.replace(/\B(?=(\d{3})+(?!\d))/g, space);
  };
  const shown = {
    "req/s": (v) => (v >= 10 ? count(Math.round(v)) : count(v)) + space + "req/s",
    s: (v) => (v < 1 ? Number((v * 1e3).toPrecision(v < 0.01 ? 2 : 3)) + space + "ms" : v.toPrecision(3) + space + "s"),
    share: (v) => Number((v * 100).toPrecision(v < 0.1 ? 2 : 3)) + space + "%",
    count: count,
    credits: (v) => count(v) + space + "credits",
  };
  const charts = [...document.querySelectorAll("figure.chart")].map((figure) => {
    const svg = figure.querySelector("svg");
    return {
      svg,
      data: JSON.parse(figure.querySelector("script").textContent),
      cursor: svg.querySelector(".cursor"),
      values: [...figure.querySelectorAll(".legend .value")],
      left: Number(svg.dataset.left),
      width: Number(svg.dataset.width),
    };
  });
  const nearest = (times, time, steps) => {
    let low = 0, high = times.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= time) low = middle; else high = middle - 1;
    }
    return !steps && low + 1 < times.length && times[low + 1] - time < time - times[low] ? low + 1 : low;
  };
  const read = (time) => {
    for (const chart of charts) {
      const { times, lines, unit, judged, steps } = chart.data;
      if (time > judged || !times.length) { rest(chart); continue; }
      const k = nearest(times, time, steps);
      const x = chart.left + (chart.width * time) / judged;
      chart.cursor.setAttribute("x1", x);
      chart.cursor.setAttribute("x2", x);
      chart.cursor.classList.add("on");
      lines.forEach((line, n) => {
        chart.values[n].textContent = line[k] === null ? "–" : shown[unit](line[k]);
      });
    }
  };
  const rest = (chart) => {
    chart.cursor.classList.remove("on");
    for (const value of chart.values) value.textContent = value.dataset.peak;
  };
  for (const chart of charts) {
    chart.svg.addEventListener("pointermove", (event) => {
      const box = chart.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * chart.svg.viewBox.baseVal.width;
      read(Math.min(Math.max((x - chart.left) / chart.width, 0), 1) * chart.data.judged);
    });
    chart.svg.addEventListener("pointerleave", () => charts.forEach(rest));
  }
  // Paper has no folds.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
})();
