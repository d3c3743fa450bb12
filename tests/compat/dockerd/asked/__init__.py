"""The requests that both engines are asked, by family."""
from .system import system, swarm, plugins
from .creation import containers_create, mounts
from .containers import containers_inspect, containers_states, containers_wait, containers_streams, containers_files, execs
from .networks import networks, volumes
from .images import images, commits, build
from .parameters import parameters
from .scene import clean, prepare

__all__ = ['SCENARIOS', 'clean', 'prepare']

SCENARIOS = [
    system, swarm, plugins,
    containers_create, mounts, containers_inspect, containers_states, containers_wait, containers_streams, containers_files, execs,
    networks, volumes, images, commits, build, parameters,
]
