/*
 * What a loss of power may take back: bytes that were written since the last fsync of their file, and names that were
 * made or removed since the last fsync of their folder.
 *
 * Each change that is not durable yet is kept with what it destroyed: the bytes that were there, or a second name, in a
 * folder called limbo, of the file that lost one. An fsync of a file forgets the changes of its bytes and times, one of
 * a folder those of its names. When the power goes, what is left is undone, the last change first.
 *
 * That is the worst a file system may do by the letter of POSIX; real ones keep more. The shared memory of SQLite
 * (`-shm`) is left out: it is never read again after a crash.
 */
#define _GNU_SOURCE
#include "crash_points.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { BYTES, TIMES, MADE, REMOVED };

struct change {
  enum kind kind;
  /* The file whose bytes these are, or the folder whose name this is. */
  dev_t device;
  ino_t inode;
  /* Of bytes and times: a descriptor of the file, which it may lose its names without; writing sets the time too. */
  int fd;
  off_t offset, size;
  size_t count;
  char *bytes;
  struct timespec times[2];
  /* Of names. */
  char *path, *kept;
  mode_t mode;
};

static struct change *changes;
static size_t count, room;
static const char *limbo;
static int lost;
static long kept_names;

void power_loss_begin(const char *folder, int what) {
  limbo = folder;
  lost = what;
}

bool power_loss_is_on(void) { return limbo != NULL; }

static struct change *add(enum kind kind, const struct stat *of) {
  if (count == room) changes = realloc(changes, (room = room * 2 + 64) * sizeof *changes);
  struct change *change = &changes[count++];
  memset(change, 0, sizeof *change);
  change->kind = kind;
  change->device = of->st_dev;
  change->inode = of->st_ino;
  change->fd = -1;
  return change;
}

static bool is_shared_memory(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  return length > 4 && memcmp(path + length - 4, "-shm", 4) == 0;
}

static int second_descriptor(int fd) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
}

void note_data(int fd, off_t offset, size_t length) {
  struct stat info;
  if (is_shared_memory(fd) || fstat(fd, &info) != 0) return;
  struct change *change = add(BYTES, &info);
  change->fd = second_descriptor(fd);
  change->offset = offset;
  change->size = info.st_size;
  change->times[0] = info.st_atim;
  change->times[1] = info.st_mtim;
  if (offset >= info.st_size) return;
  change->count = length < (size_t)(info.st_size - offset) ? length : (size_t)(info.st_size - offset);
  change->bytes = malloc(change->count);
  if (syscall(SYS_pread64, change->fd, change->bytes, change->count, offset) != (long)change->count) abort();
}

void note_times(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return;
  struct change *change = add(TIMES, &info);
  change->fd = second_descriptor(fd);
  change->times[0] = info.st_atim;
  change->times[1] = info.st_mtim;
}

/* The change of a name is one of the folder that holds it. */
static struct change *add_name(enum kind kind, const char *path) {
  char folder[PATH_MAX];
  snprintf(folder, sizeof folder, "%.*s", (int)parent_length(path), path);
  struct stat info;
  if (stat(folder, &info) != 0) return NULL;
  struct change *change = add(kind, &info);
  change->path = strdup(path);
  return change;
}

void note_made(const char *path) { add_name(MADE, path); }

void note_removed(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0) return;
  struct change *change = add_name(REMOVED, path);
  if (!change) return;
  change->mode = info.st_mode;
  if (S_ISDIR(info.st_mode)) return;
  char kept[PATH_MAX];
  snprintf(kept, sizeof kept, "%s/%ld", limbo, kept_names++);
  syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0);
  change->kept = strdup(kept);
}

void note_synced(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return;
  size_t left = 0;
  for (size_t index = 0; index < count; index++) {
    struct change *change = &changes[index];
    if (change->device == info.st_dev && change->inode == info.st_ino) {
      if (change->fd >= 0) syscall(SYS_close, change->fd);
      free(change->bytes);
      free(change->path);
      free(change->kept);
    } else {
      changes[left++] = *change;
    }
  }
  count = left;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  if (syscall(SYS_unlinkat, AT_FDCWD, path, 0) != 0) syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
  return 0;
}

void power_loss_happens(void) {
  for (size_t index = count; index-- > 0;) {
    struct change *change = &changes[index];
    bool is_name = change->kind == MADE || change->kind == REMOVED;
    if (!(lost & (is_name ? LOSE_NAMES : LOSE_DATA))) continue;
    switch (change->kind) {
      case BYTES:
        if (change->count) syscall(SYS_pwrite64, change->fd, change->bytes, change->count, change->offset);
        syscall(SYS_ftruncate, change->fd, change->size);
        /* fall through */
      case TIMES: syscall(SYS_utimensat, change->fd, NULL, change->times, 0); break;
      /* A folder that loses its name takes along what is in it. */
      case MADE: nftw(change->path, remove_one, 16, FTW_DEPTH | FTW_PHYS); break;
      case REMOVED:
        if (change->kept) syscall(SYS_linkat, AT_FDCWD, change->kept, AT_FDCWD, change->path, 0);
        else syscall(SYS_mkdirat, AT_FDCWD, change->path, change->mode & 07777);
        break;
    }
  }
}
