// What of this machine the figures depend on.
#pragma once

#include <sched.h>

#include <cstdlib>

namespace hubbub::ipc {

struct Machine {
  int cpus = 1;     ///< that a process may run on: its affinity, which taskset(1) and a container's set restrict
  double load = 0;  ///< average of the last minute: so many programs wanted a CPU
};

inline int usable_cpus() {
  cpu_set_t usable;
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
}

inline Machine this_machine() {
  Machine machine{usable_cpus()};
  ::getloadavg(&machine.load, 1);
  return machine;
}

}  // namespace hubbub::ipc
