/*
 * A library for LD_PRELOAD that stands between a program and the calls by which it changes the disk.
 *
 * Each such call on a path below one root is a point. Points are counted from 1, and at one of them the process dies,
 * or the call fails, or does a part of its work. Calls on any other path pass. So does reading: it changes nothing, and
 * dying before it is the same as dying before the next call that does.
 *
 * Taking a lock changes nothing either; locks have a count of their own, so that they can be found taken.
 *
 *   CRASH_POINTS_ROOT   the root, an absolute path
 *   CRASH_POINTS_LOG    a file outside the root that gets a line for each point: number, call, path below the root
 *   CRASH_POINTS_CORE   the one core to run on: work in parallel would put the points in an order of chance
 *   CRASH_POINTS_AT     the point, or lock, at which something happens
 *   CRASH_POINTS_DO     what happens there:
 *     kill        SIGKILL instead of the call
 *     tear        of a write the first half of the bytes, then SIGKILL; at any other call as `kill`
 *     fail        the call fails with CRASH_POINTS_ERRNO
 *     full        a disk without space from there on: of a write there the first half still fits, and whatever needs
 *                 space later fails with ENOSPC; removing works
 *     short       of a write the first half of the bytes, and the call says so
 *     busy        the lock is found taken, once; busy_from: from there on
 *     lose        what was not made durable is taken back, then SIGKILL; lose_data: bytes only; lose_names: names only;
 *                 at a point behind the last one, when the program has ended
 *   CRASH_POINTS_LIMBO  for these three, an empty folder beside the root, on the same file system
 *
 * The calls are made by number (`syscall`), not through the next library's function: nothing has to be looked up, and
 * nothing that this library does is counted.
 */
#define _GNU_SOURCE
#include "crash_points.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum action { NOTHING, KILL, TEAR, FAIL, FULL, SHORT, BUSY, BUSY_FROM, LOSE };
enum verdict { PASS, REFUSE, HALF, HALF_THEN_DIE };
/* What a call needs of the disk: for `full`. */
enum need { SPACE, NO_SPACE };

static const char *root;
static size_t root_length;
static int log_file = -1;
static long at;
static enum action action;
static int error_number;
static long points, locks;
/* One point at a time, from its number to the end of its call. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void choose_action(const char *name) {
  static const struct { const char *name; enum action action; int lost; } all[] = {
      {"kill", KILL, 0}, {"tear", TEAR, 0}, {"fail", FAIL, 0}, {"full", FULL, 0}, {"short", SHORT, 0},
      {"busy", BUSY, 0}, {"busy_from", BUSY_FROM, 0}, {"lose", LOSE, LOSE_DATA | LOSE_NAMES},
      {"lose_data", LOSE, LOSE_DATA}, {"lose_names", LOSE, LOSE_NAMES}};
  for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
    if (strcmp(all[index].name, name) != 0) continue;
    action = all[index].action;
    const char *limbo = getenv("CRASH_POINTS_LIMBO");
    if (action == LOSE && limbo) power_loss_begin(limbo, all[index].lost);
  }
}

__attribute__((constructor)) static void begin(void) {
  const char *core = getenv("CRASH_POINTS_CORE"), *log = getenv("CRASH_POINTS_LOG");
  const char *where = getenv("CRASH_POINTS_AT"), *what = getenv("CRASH_POINTS_DO");
  const char *error = getenv("CRASH_POINTS_ERRNO");
  if (core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atoi(core), &set);
    sched_setaffinity(0, sizeof set, &set);
  }
  if (log) log_file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (where) at = atol(where);
  if (error) error_number = atoi(error);
  if (what) choose_action(what);
  root = getenv("CRASH_POINTS_ROOT");
  if (root) root_length = strlen(root);
}

size_t parent_length(const char *path) {
  const char *last = strrchr(path, '/');
  return last ? (size_t)(last - path) : 0;
}

static bool is_below(const char *path) {
  return root && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* The absolute path of a name, as far as it takes no looking at links; answers whether it is below the root. */
static bool find_name(int folder, const char *name, char path[PATH_MAX]) {
  if (!root || !name) return false;
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
  } else {
    char base[PATH_MAX], link[64];
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
    if (length < 0) return false;
    base[length] = 0;
    if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return false;
  }
  return is_below(path);
}

static bool find_file(int fd, char path[PATH_MAX]) {
  if (!root) return false;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  if (length < 0) return false;
  path[length] = 0;
  return is_below(path);
}

static void die(void) {
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) syscall(SYS_sched_yield);
}

/* Counts a point and says what becomes of the call. */
static enum verdict decide(const char *call, const char *path, size_t bytes, enum need need) {
  points++;
  if (log_file >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", points, call, path + root_length);
    syscall(SYS_write, log_file, line, (size_t)length);
  }
  bool is_here = at == points;
  if (action == FULL && need == SPACE && at > 0 && points >= at) {
    if (is_here && bytes > 1) return HALF;
    errno = ENOSPC;
    return REFUSE;
  }
  if (!is_here) return PASS;
  switch (action) {
    case KILL: die();
    case TEAR: if (bytes > 1) return HALF_THEN_DIE; die();
    case LOSE: power_loss_happens(); die();
    case FAIL: errno = error_number; return REFUSE;
    case SHORT: return bytes > 1 ? HALF : PASS;
    default: return PASS;
  }
}

static void enter(void) { pthread_mutex_lock(&gate); }

static long leave(long result) {
  int error = errno;
  pthread_mutex_unlock(&gate);
  errno = error;
  return result;
}

__attribute__((destructor)) static void end(void) {
  if (action == LOSE && at > points) power_loss_happens();
}

/* ---- bytes ---- */

static ssize_t put(const char *call, int fd, const void *bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  bool has_place = offset >= 0;
  if (!find_file(fd, path)) {
    return has_place ? syscall(SYS_pwrite64, fd, bytes, count, offset) : syscall(SYS_write, fd, bytes, count);
  }
  enter();
  enum verdict verdict = decide(call, path, count, SPACE);
  if (verdict == REFUSE) return leave(-1);
  if (verdict != PASS) count /= 2;
  if (power_loss_is_on()) {
    bool is_appending = syscall(SYS_fcntl, fd, F_GETFL, 0) & O_APPEND;
    off_t place = has_place ? offset : syscall(SYS_lseek, fd, 0, is_appending ? SEEK_END : SEEK_CUR);
    note_data(fd, place, count);
  }
  long result = has_place ? syscall(SYS_pwrite64, fd, bytes, count, offset) : syscall(SYS_write, fd, bytes, count);
  if (verdict == HALF_THEN_DIE) die();
  return leave(result);
}

ssize_t write(int fd, const void *bytes, size_t count) { return put("write", fd, bytes, count, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  return put("pwrite", fd, bytes, count, offset);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
  return put("pwrite", fd, bytes, count, offset);
}

/* One piece after another: that is a short write, which callers have to expect. */
ssize_t writev(int fd, const struct iovec *pieces, int count) {
  char path[PATH_MAX];
  if (count < 1 || !find_file(fd, path)) return syscall(SYS_writev, fd, pieces, count);
  return put("writev", fd, pieces->iov_base, pieces->iov_len, -1);
}

static int shorten(int fd, off_t length) {
  char path[PATH_MAX];
  if (!find_file(fd, path)) return syscall(SYS_ftruncate, fd, length);
  enter();
  struct stat info;
  bool grows = fstat(fd, &info) == 0 && info.st_size < length;
  if (decide("ftruncate", path, 0, grows ? SPACE : NO_SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on()) note_data(fd, length, info.st_size > length ? (size_t)(info.st_size - length) : 0);
  return leave(syscall(SYS_ftruncate, fd, length));
}

int ftruncate(int fd, off_t length) { return shorten(fd, length); }
int ftruncate64(int fd, off_t length) { return shorten(fd, length); }

static int flush(const char *call, long number, int fd) {
  char path[PATH_MAX];
  if (!find_file(fd, path)) return syscall(number, fd);
  enter();
  if (decide(call, path, 0, SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on()) note_synced(fd);
  return leave(syscall(number, fd));
}

int fsync(int fd) { return flush("fsync", SYS_fsync, fd); }
int fdatasync(int fd) { return flush("fdatasync", SYS_fdatasync, fd); }

int futimens(int fd, const struct timespec times[2]) {
  char path[PATH_MAX];
  if (!find_file(fd, path)) return syscall(SYS_utimensat, fd, NULL, times, 0);
  enter();
  if (decide("futimens", path, 0, NO_SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on()) note_times(fd);
  return leave(syscall(SYS_utimensat, fd, NULL, times, 0));
}

int fchmod(int fd, mode_t mode) {
  char path[PATH_MAX];
  if (!find_file(fd, path)) return syscall(SYS_fchmod, fd, mode);
  enter();
  if (decide("fchmod", path, 0, NO_SPACE) == REFUSE) return leave(-1);
  return leave(syscall(SYS_fchmod, fd, mode));
}

/* ---- names ---- */

static bool is_there(const char *path) {
  return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static int create_or_open(int folder, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  bool is_point = (flags & (O_CREAT | O_TRUNC)) && find_name(folder, name, path);
  if (!is_point) return syscall(SYS_openat, folder, name, flags, mode);
  enter();
  if (decide("open", path, 0, is_there(path) ? NO_SPACE : SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on() && !is_there(path)) note_made(path);
  return leave(syscall(SYS_openat, folder, name, flags, mode));
}

#define MODE_OF(flags)                            \
  mode_t mode = 0;                                \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {        \
    va_list list;                                 \
    va_start(list, flags);                        \
    mode = va_arg(list, mode_t);                  \
    va_end(list);                                 \
  }

int open(const char *name, int flags, ...) { MODE_OF(flags) return create_or_open(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE_OF(flags) return create_or_open(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) {
  MODE_OF(flags) return create_or_open(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
  MODE_OF(flags) return create_or_open(folder, name, flags, mode);
}

int mkdirat(int folder, const char *name, mode_t mode) {
  char path[PATH_MAX];
  if (!find_name(folder, name, path)) return syscall(SYS_mkdirat, folder, name, mode);
  enter();
  if (decide("mkdir", path, 0, SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on() && !is_there(path)) note_made(path);
  return leave(syscall(SYS_mkdirat, folder, name, mode));
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int unlinkat(int folder, const char *name, int flags) {
  char path[PATH_MAX];
  if (!find_name(folder, name, path)) return syscall(SYS_unlinkat, folder, name, flags);
  enter();
  if (decide(flags & AT_REMOVEDIR ? "rmdir" : "unlink", path, 0, NO_SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on() && is_there(path)) note_removed(path);
  return leave(syscall(SYS_unlinkat, folder, name, flags));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name) {
  int result = unlink(name);
  return result == -1 && (errno == EISDIR || errno == EPERM) ? rmdir(name) : result;
}

int linkat(int from, const char *name, int to, const char *target, int flags) {
  char path[PATH_MAX];
  if (!find_name(to, target, path)) return syscall(SYS_linkat, from, name, to, target, flags);
  enter();
  if (decide("link", path, 0, SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on() && !is_there(path)) note_made(path);
  return leave(syscall(SYS_linkat, from, name, to, target, flags));
}
int link(const char *name, const char *target) { return linkat(AT_FDCWD, name, AT_FDCWD, target, 0); }

int renameat2(int from, const char *name, int to, const char *target, unsigned flags) {
  char old[PATH_MAX], path[PATH_MAX];
  bool is_from = find_name(from, name, old), is_to = find_name(to, target, path);
  if (!is_from && !is_to) return syscall(SYS_renameat2, from, name, to, target, flags);
  enter();
  if (decide("rename", is_to ? path : old, 0, SPACE) == REFUSE) return leave(-1);
  if (power_loss_is_on()) {
    if (is_to && is_there(path)) note_removed(path);
    if (is_to) note_made(path);
    if (is_from) note_removed(old);
  }
  return leave(syscall(SYS_renameat2, from, name, to, target, flags));
}
int renameat(int from, const char *name, int to, const char *target) { return renameat2(from, name, to, target, 0); }
int rename(const char *name, const char *target) { return renameat2(AT_FDCWD, name, AT_FDCWD, target, 0); }

/* ---- locks ---- */

static bool is_found_taken(const char *call, const char *path) {
  enter();
  locks++;
  if (log_file >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "lock %ld %s %s\n", locks, call, path + root_length);
    syscall(SYS_write, log_file, line, (size_t)length);
  }
  return leave((action == BUSY && locks == at) || (action == BUSY_FROM && locks >= at));
}

int flock(int fd, int operation) {
  char path[PATH_MAX];
  /* Who waits for a lock gets it in the end. */
  bool is_point = (operation & LOCK_NB) && !(operation & LOCK_UN) && find_file(fd, path);
  if (is_point && is_found_taken("flock", path)) {
    errno = EWOULDBLOCK;
    return -1;
  }
  return syscall(SYS_flock, fd, operation);
}

static int control(int fd, int command, void *argument) {
  char path[PATH_MAX];
  bool is_lock = command == F_SETLK && ((struct flock *)argument)->l_type != F_UNLCK && find_file(fd, path);
  if (is_lock && is_found_taken("fcntl", path)) {
    errno = EAGAIN;
    return -1;
  }
  return syscall(SYS_fcntl, fd, command, argument);
}

#define ARGUMENT_OF(command)               \
  va_list list;                            \
  va_start(list, command);                 \
  void *argument = va_arg(list, void *);   \
  va_end(list);

int fcntl(int fd, int command, ...) { ARGUMENT_OF(command) return control(fd, command, argument); }
int fcntl64(int fd, int command, ...) { ARGUMENT_OF(command) return control(fd, command, argument); }

/* Nobody else is there whom waiting for a lock would help. */
int usleep(useconds_t time) {
  (void)time;
  if (action == BUSY || action == BUSY_FROM) return 0;
  struct timespec wanted = {time / 1000000, time % 1000000 * 1000};
  return syscall(SYS_nanosleep, &wanted, NULL);
}
int nanosleep(const struct timespec *wanted, struct timespec *rest) {
  if (action == BUSY || action == BUSY_FROM) return 0;
  return syscall(SYS_nanosleep, wanted, rest);
}
