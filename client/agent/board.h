/* The board: who is here and what is unread, in shared memory that the agent writes and the user's programs read.
 *   agent --writes--> /dev/shm/hubbub-UID-HUB (0600) --mapped read-only--> status bars, prompts, scripts
 * This file is all of it for C (C99 with POSIX: -std=gnu99) and C++. docs/board.md has an example and the layout as a
 * table. `hubbub board --path` tells the path. Any number of threads may read through one hubbub_board.
 * Each record has a sequence lock: odd while it is written, another value afterwards (Boehm, "Can seqlocks get along
 * with programming language memory models?", 2012); its words are read with acquire and written with release, in place
 * of his fences. A reader writes nothing, so it delays nobody; it makes no system call unless it meets the writer.
 * Nothing in the page is used as an index, a length or a bound: a damaged one gives wrong values or a code.
 * SIGBUS: the agent reserves the file before that gets its name and never shrinks it; open() checks both. Only programs
 * of the user could cut it off later. hubbub_board_summary() looks (fstat) whether that has happened, or the board was
 * removed: called before each look, it leaves a race of microseconds. pread(2) on `file` has none. */
#ifndef HUBBUB_BOARD_H
#define HUBBUB_BOARD_H
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
enum { HUBBUB_MAGIC = 0x42425548 /* "HUBB" */, HUBBUB_LAYOUT = 1, HUBBUB_PEOPLE = 1024, HUBBUB_ROOMS = 512 };
/* Seconds without a heartbeat, of which there is one a second; tries before a reader lets others run, and gives up. */
enum { HUBBUB_DEAD_AFTER_S = 5, HUBBUB_SPINS = 100, HUBBUB_TRIES = 150 };
/* What the functions return. BUSY: in the middle of a change all the time; try later. DEAD: the agent has ended or
 * hangs; close, and try now and then to open. DAMAGED: not a board of this layout, or not safe to read. */
enum { HUBBUB_FOUND, HUBBUB_ABSENT, HUBBUB_BUSY, HUBBUB_DEAD, HUBBUB_DAMAGED };
/* Texts are UTF-8 as the hub has it (to be escaped for a terminal) and end with a zero byte. A record never moves: it
 * is in the first place from hash % size on that was free, and state is 0 never used, 1 in use, 2 free again. */
typedef struct { uint64_t sequence; uint32_t state, presence /* 0 offline, 1 online, 2 away */, verified, reserved;
                 uint64_t idle_since /* ns since 1970; 0 unknown */; char name[40], away[56]; } hubbub_person;
typedef struct { uint64_t sequence; uint32_t state, direct, unread, mentions; uint64_t last /* seq */;
                 char name[136] /* "ops"; "@alice", which is direct: the conversation with her */; } hubbub_room;
typedef struct { uint64_t sequence; uint32_t connection /* to the hub: 0 offline, 1 connecting, 2 online */, reserved,
                 people, people_left_out, rooms, rooms_left_out; /* in the table, and more than fit there */
                 uint64_t unread, mentions /* of all rooms, also of those left out */;
                 char own_name[40], hub[120]; } hubbub_summary;
/* generation: another one for every board that is made. changes: goes up with every change. heartbeat: ns of
 * CLOCK_MONOTONIC, which stands still while the machine sleeps; else agents would look dead when it wakes up. */
typedef struct { uint32_t magic, layout; uint64_t size, generation, agent_pid, heartbeat, changes, reserved[2];
                 hubbub_summary summary; uint64_t reserved_too[6];
                 hubbub_person people[HUBBUB_PEOPLE]; hubbub_room rooms[HUBBUB_ROOMS]; } hubbub_page;
typedef struct { const hubbub_page *page; int file; } hubbub_board;
static inline int hubbub_board_safe_(int f, struct stat *s) {
  return fstat(f, s) == 0 && S_ISREG(s->st_mode) && s->st_uid == geteuid() && (s->st_mode & 077) == 0 &&
         s->st_size == (off_t)sizeof(hubbub_page) && (uint64_t)s->st_blocks * 512 >= sizeof(hubbub_page);
}
static inline void hubbub_board_close(hubbub_board *b) { munmap((void *)b->page, sizeof *b->page); close(b->file); }
static inline int hubbub_board_open(const char *path, hubbub_board *b) { /* ABSENT: errno says why */
  struct stat s; void *at = MAP_FAILED;
  if ((b->file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) < 0) return HUBBUB_ABSENT;
  if (hubbub_board_safe_(b->file, &s)) at = mmap(0, sizeof(hubbub_page), PROT_READ, MAP_SHARED, b->file, 0);
  if (at == MAP_FAILED) return close(b->file), (int)HUBBUB_DAMAGED;
  b->page = (const hubbub_page *)at;
  if (b->page->magic == HUBBUB_MAGIC && b->page->layout == HUBBUB_LAYOUT) return HUBBUB_FOUND;
  return hubbub_board_close(b), (int)HUBBUB_DAMAGED;
}
static inline int hubbub_board_alive(const hubbub_board *b) {
  struct timespec t; clock_gettime(CLOCK_MONOTONIC_COARSE, &t); /* the same clock, a few ms behind, and cheaper */
  uint64_t now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec, limit = HUBBUB_DEAD_AFTER_S * 1000000000ull;
  return now + limit - __atomic_load_n(&b->page->heartbeat, __ATOMIC_RELAXED) <= 2 * limit; /* nor from the future */
}
static inline int hubbub_board_copy_(const void *record, void *out, size_t bytes) {
  const uint64_t *from = (const uint64_t *)record;
  for (int tries = 0; tries < HUBBUB_TRIES; tries++) {
    uint64_t before = __atomic_load_n(from, __ATOMIC_ACQUIRE);
    for (size_t w = 0; before % 2 == 0 && w < bytes / 8; w++) {
      uint64_t word = __atomic_load_n(from + w, __ATOMIC_ACQUIRE); memcpy((char *)out + 8 * w, &word, 8);
    }
    if (before % 2 == 0 && __atomic_load_n(from, __ATOMIC_RELAXED) == before) return HUBBUB_FOUND;
    if (tries >= HUBBUB_SPINS) sched_yield();
  }
  return HUBBUB_BUSY;
}
static inline int hubbub_board_summary(const hubbub_board *b, hubbub_summary *out) {
  struct stat s; if (!hubbub_board_safe_(b->file, &s)) return HUBBUB_DAMAGED;
  if (s.st_nlink == 0 || !hubbub_board_alive(b)) return HUBBUB_DEAD;
  int got = hubbub_board_copy_(&b->page->summary, out, sizeof *out);
  out->own_name[sizeof out->own_name - 1] = out->hub[sizeof out->hub - 1] = 0;
  return got;
}
/* By name: hubbub_board_person(board, "alice", &out), hubbub_board_room(board, "ops", &out). By index, also of a dead
 * board, ABSENT where nobody stands: hubbub_board_person_at(board, 0 to HUBBUB_PEOPLE - 1, &out), …_room_at. */
#define HUBBUB_TABLE_(one, table, SIZE) \
  static inline int hubbub_board_##one##_at(const hubbub_board *b, size_t at, hubbub_##one *out) { \
    int got = at < SIZE ? hubbub_board_copy_(&b->page->table[at], out, sizeof *out) : HUBBUB_ABSENT; \
    out->name[sizeof out->name - 1] = ((char *)out)[sizeof *out - 1] = 0; /* which ends `away` */ \
    return got == HUBBUB_FOUND && out->state != 1 ? HUBBUB_ABSENT : got; \
  } \
  static inline int hubbub_board_##one(const hubbub_board *b, const char *name, hubbub_##one *out) { \
    uint32_t hash = 2166136261u, i = 0; int got = HUBBUB_ABSENT; /* FNV-1a */ \
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u; \
    while (i < SIZE && (got = hubbub_board_##one##_at(b, (hash + i++) % SIZE, out)) != HUBBUB_BUSY && out->state) \
      if (got == HUBBUB_FOUND && !strcmp(out->name, name)) return hubbub_board_alive(b) ? HUBBUB_FOUND : HUBBUB_DEAD; \
    return !hubbub_board_alive(b) ? HUBBUB_DEAD : got == HUBBUB_BUSY ? HUBBUB_BUSY : HUBBUB_ABSENT; \
  }
HUBBUB_TABLE_(person, people, HUBBUB_PEOPLE)
HUBBUB_TABLE_(room, rooms, HUBBUB_ROOMS)
#endif
