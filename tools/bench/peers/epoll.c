/* An echo server on one thread with level-triggered epoll: what one would write in C. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 1024
#define BUFFER 65536

/* What a peer has not taken yet. */
struct rest {
    char *bytes;
    size_t length;
};

static char buffer[BUFFER];
static struct rest *rests;
static size_t places;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static struct rest *rest_of(int fd) {
    if ((size_t)fd >= places) {
        size_t more = (size_t)fd * 2 + 64;
        rests = realloc(rests, more * sizeof *rests);
        if (!rests) die("realloc");
        memset(rests + places, 0, (more - places) * sizeof *rests);
        places = more;
    }
    return &rests[fd];
}

static void watch(int epoll, int fd, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, operation, fd, &event) < 0) die("epoll_ctl");
}

static void drop(int fd) {
    struct rest *rest = rest_of(fd);
    free(rest->bytes);
    rest->bytes = NULL;
    rest->length = 0;
    close(fd);
}

/* Writes what is left; returns 0 if the connection is broken. */
static int flush(int epoll, int fd) {
    struct rest *rest = rest_of(fd);
    ssize_t count = write(fd, rest->bytes, rest->length);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    rest->length -= (size_t)count;
    memmove(rest->bytes, rest->bytes + count, rest->length);
    if (!rest->length) {
        free(rest->bytes);
        rest->bytes = NULL;
        watch(epoll, fd, EPOLL_CTL_MOD, EPOLLIN);
    }
    return 1;
}

/* Reads once and writes back; returns 0 if the connection is over. */
static int pass_on(int epoll, int fd) {
    ssize_t length = read(fd, buffer, BUFFER);
    if (length < 0) return errno == EAGAIN || errno == EINTR;
    if (length == 0) return 0;
    ssize_t count = write(fd, buffer, (size_t)length);
    if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) return 0;
        count = 0;
    }
    if (count < length) {
        struct rest *rest = rest_of(fd);
        rest->length = (size_t)(length - count);
        rest->bytes = malloc(rest->length);
        if (!rest->bytes) die("malloc");
        memcpy(rest->bytes, buffer + count, rest->length);
        watch(epoll, fd, EPOLL_CTL_MOD, EPOLLOUT);
    }
    return 1;
}

int main(void) {
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
        listen(listener, 4096) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        die("listen");
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int epoll = epoll_create1(0);
    if (epoll < 0) die("epoll");
    watch(epoll, listener, EPOLL_CTL_ADD, EPOLLIN);
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd == listener) {
                int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (client < 0) continue;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                watch(epoll, client, EPOLL_CTL_ADD, EPOLLIN);
            } else if (rest_of(fd)->length ? !flush(epoll, fd) : !pass_on(epoll, fd)) {
                drop(fd);
            }
        }
    }
}
