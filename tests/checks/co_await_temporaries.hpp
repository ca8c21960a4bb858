// Finds what gcc 12 compiles wrongly (gcc bugs 98056, 99576, 104031): in a full expression with a co_await it destroys
// some temporaries twice, namely braced aggregates with members that need destroying, and lambdas that capture.
//   co_await send(Hello{name});        found: name it in a variable first
//   co_await f([&] { … });             found
//   const Hello hello{name};
//   co_await send(hello);              fine
// A text can't tell which types need destroying, so every braced temporary there counts.
#pragma once

#include "tests/checks/finding.hpp"

namespace hubbub::checks {

Findings co_await_temporaries(const Source& source);

}  // namespace hubbub::checks
