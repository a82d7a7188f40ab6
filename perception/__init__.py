"""Camera and lidar to facts: detection, lifting to boxes, localisation, visibility, distance field."""
