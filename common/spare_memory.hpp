// What a long-lived program has in memory and doesn't need now.
#pragma once

namespace hubbub {

/// Gives the kernel back what the heap has free. And unmaps what this process has touched of its program and libraries,
/// as far as nobody writes it: code and constants. What is needed again is mapped again with the next use, from the
/// page cache; what was needed only to start stays out of the process, and the kernel may let go of it. Some hundred
/// page faults, without a disk. (malloc_trim(3); madvise(2), MADV_DONTNEED.)
void let_go_of_spare_memory();

}  // namespace hubbub
