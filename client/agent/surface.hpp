// How the agent's coroutines end.
#pragma once

#include <exception>

namespace hubbub::agent {

/// What a coroutine throws is a fault of ours: it ends the agent, aloud. What was said is in the spool.
inline void surface(std::exception_ptr fault) {
  if (fault) std::rethrow_exception(fault);
}

}  // namespace hubbub::agent
