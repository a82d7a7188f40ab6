"""For colcon: copy or link this folder into a workspace's src, then colcon build."""

from setuptools import setup

NAME = "diarchy_ros2"

setup(
    name=NAME,
    version="0.1.0",
    packages=[NAME],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", ["launch/agent.launch.py", "launch/home.launch.py"]),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    license="Apache-2.0",
    entry_points={
        "console_scripts": [f"agent = {NAME}.start:agent", f"home = {NAME}.start:home"],
    },
)
