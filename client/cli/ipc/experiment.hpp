// Measures one mechanism between two processes that are forked for it.
//   this process: opens the mechanism --fork--> asking process  ⇄  answering process
//                 waits for both, a signal or the time <--figures, in shared memory--'
// Neither outlives the call, nor this process if that is killed. Whatever one of the two does, this process stays
// responsive: it waits for nothing but its Watch.
#pragma once

#include "client/cli/ipc/conversation.hpp"
#include "client/cli/ipc/watch.hpp"

namespace hubbub::ipc {

/// Takes plan.time, up to plan.patience more where the machine is busy, and never 5 s more than both. Messages are as
/// long as planned, or as long as the mechanism's can be. Fails with unavailable where this machine can't, cancelled
/// where the watch was interrupted; data_loss, internal (a process died) or deadline_exceeded where something went
/// wrong that must not. REQUIRES: no other thread runs.
Result<Figures> run_experiment(const Mechanism& mechanism, const Plan& plan, Watch& watch);

/// Whether it is only that this machine can't, or isn't allowed to.
bool is_refusal(const Error& error);

}  // namespace hubbub::ipc
