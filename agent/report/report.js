(() => {
  const zoom = document.getElementById("zoom");
  for (const image of document.querySelectorAll(".strip img")) {
    image.tabIndex = 0;
    const open = () => { zoom.firstChild.src = image.src; zoom.firstChild.alt = image.alt; zoom.showModal(); };
    image.addEventListener("click", open);
    image.addEventListener("keydown", (e) => { if (e.key === "Enter") open(); });
  }
  zoom.addEventListener("click", () => zoom.close());

  const scrub = document.getElementById("scrub"), robot = document.getElementById("robot");
  if (!scrub || !robot) return;
  const map = document.querySelector("svg.map").dataset, now = document.getElementById("now");
  const line = now && document.querySelector("svg.timeline").dataset;
  const poses = scrub.dataset.poses.split(";").map((row) => row.split(",").map(Number));
  const show = () => {
    const [t, x, y, yaw] = poses[scrub.value];
    const px = (x - map.x0) * map.scale + +map.margin, py = (map.y1 - y) * map.scale + +map.margin;
    robot.setAttribute("transform", `translate(${px} ${py}) rotate(${-yaw * 180 / Math.PI})`);
    document.getElementById("scrub-time").textContent = `${t.toFixed(1)} s`;
    if (!line) return;
    const at = +line.left + (line.right - line.left) * Math.min(t / line.end, 1);
    now.setAttribute("x1", at); now.setAttribute("x2", at); now.classList.add("shown");
  };
  scrub.addEventListener("input", show);
})();
