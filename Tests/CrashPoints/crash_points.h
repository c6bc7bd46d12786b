/*
 * What the two files of the shim tell each other. See crash_points.c.
 */
#ifndef CRASH_POINTS_H
#define CRASH_POINTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { LOSE_DATA = 1, LOSE_NAMES = 2 };

/* Where the folder of `path` ends: the length of its parent's path. */
size_t parent_length(const char *path);

/*
 * power_loss.c: what is not on disk for certain. Each `note_` function is called before the call that it is about,
 * so that it can keep what that call is going to destroy.
 */
void power_loss_begin(const char *limbo, int what);
bool power_loss_is_on(void);
void note_data(int fd, off_t offset, size_t count);
void note_times(int fd);
void note_made(const char *path);
void note_removed(const char *path);
/* A file's bytes, or a folder's names, are durable now. */
void note_synced(int fd);
/* Takes back all that is not durable. */
void power_loss_happens(void);

#endif
