// Finds what gcc 12.2 compiles wrongly around co_await.
//   co_await send(Hello{name});           a braced aggregate or a capturing lambda in the same full expression: some
//   are co_await f([&] { … });                destroyed twice (gcc bugs 99576, 104031) if (co_await ready()) … in a
//   condition: crashes in a function without a local variable around it, for its
//                                         frame is laid out wrongly (gcc bug 106188)
// and what to write instead:
//   const Hello hello{name};
//   const bool sent = co_await send(hello);
//   if (sent) …
// A text can't tell which types need destroying, nor which functions have local variables, so every one counts.
#pragma once

#include "tests/checks/finding.hpp"

namespace hubbub::checks {

Findings wrong_co_awaits(const Source& source);

}  // namespace hubbub::checks
