// A managed plugin as the tests install it: Docker's plugin protocol over the socket that the first argument names.
// Volumes are directories below the second argument, bound to below the third while they are mounted.
//   IMPLEMENTS=authz  authorizes requests: denied is whatever has DENY in its URI
//   REFUSE=words      says the words and ends with code 3 before it listens
//   MUTE=1            never listens
//   GREETING=words    is written into each new volume
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *data, *mounts;
static char answer[64 * 1024];

static void say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(answer, sizeof answer, format, list);
    va_end(list);
}

static void member(const char *body, const char *name, char *value, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = body ? strstr(body, key) : NULL;
    size_t n = 0;
    for (at = at ? at + strlen(key) : ""; *at && *at != '"' && n + 1 < size; at++) value[n++] = *at;
    value[n] = 0;
}

static int users(const char *name, int change) {
    static struct { char name[128]; int count; } known[64];
    for (int i = 0; i < 64; i++) {
        if (known[i].name[0] && strcmp(known[i].name, name)) continue;
        snprintf(known[i].name, sizeof known[i].name, "%s", name);
        known[i].count += change;
        // An engine that comes back may end uses of before this process.
        if (known[i].count < 0) known[i].count = 0;
        return known[i].count;
    }
    return 0;
}

static void empty(const char *path) {
    DIR *directory = opendir(path);
    struct dirent *entry;
    char file[1024];
    while (directory && (entry = readdir(directory)))
        if (snprintf(file, sizeof file, "%s/%s", path, entry->d_name) > 0) unlink(file);
    if (directory) closedir(directory);
}

static void volume(const char *method, const char *body) {
    char name[128], from[512], to[512];
    struct stat status;
    member(body, "Name", name, sizeof name);
    snprintf(from, sizeof from, "%s/%s", data, name);
    snprintf(to, sizeof to, "%s/%s", mounts, name);
    int is_there = name[0] && stat(from, &status) == 0;
    if (!strcmp(method, "Capabilities")) say("{\"Capabilities\":{\"Scope\":\"local\"}}");
    else if (!strcmp(method, "Create")) {
        mkdir(from, 0755);
        mkdir(to, 0755);
        if (getenv("GREETING")) {
            strcat(from, "/greeting");
            FILE *file = fopen(from, "w");
            if (file) fprintf(file, "%s\n", getenv("GREETING")), fclose(file);
        }
        say("{\"Err\":\"\"}");
    } else if (!strcmp(method, "List")) {
        size_t used = snprintf(answer, sizeof answer, "{\"Volumes\":[");
        DIR *directory = opendir(data);
        struct dirent *entry;
        const char *comma = "";
        while (directory && (entry = readdir(directory)))
            if (entry->d_name[0] != '.') used += snprintf(answer + used, sizeof answer - used, "%s{\"Name\":\"%s\"}", comma, entry->d_name), comma = ",";
        if (directory) closedir(directory);
        snprintf(answer + used, sizeof answer - used, "]}");
    } else if (!is_there) say("{\"Err\":\"no volume %s here\"}", name);
    else if (!strcmp(method, "Remove")) {
        empty(from);
        rmdir(to);
        say(rmdir(from) ? "{\"Err\":\"%s\"}" : "{}", strerror(errno));
    } else if (!strcmp(method, "Mount")) {
        mkdir(to, 0755);
        if (users(name, 1) == 1 && mount(from, to, NULL, MS_BIND, NULL)) say("{\"Err\":\"mount: %s\"}", strerror(errno)), users(name, -1);
        else say("{\"Mountpoint\":\"%s\",\"Err\":\"\"}", getenv("LIE") ? getenv("LIE") : to);
    } else if (!strcmp(method, "Unmount")) {
        if (users(name, -1) <= 0 && umount2(to, MNT_DETACH) && errno != EINVAL) say("{\"Err\":\"umount: %s\"}", strerror(errno));
        else say("{}");
    } else if (!strcmp(method, "Path")) say("{\"Mountpoint\":\"%s\"}", to);
    else say("{\"Volume\":{\"Name\":\"%s\",\"Mountpoint\":\"%s\",\"Status\":{\"pid\":%d}}}", name, users(name, 0) > 0 ? to : "", getpid());
}

static void reply(const char *method, const char *body) {
    if (!strcmp(method, "Plugin.Activate")) say("{\"Implements\":[\"%s\"]}", getenv("IMPLEMENTS") ? getenv("IMPLEMENTS") : "VolumeDriver");
    else if (!strcmp(method, "AuthZPlugin.AuthZReq")) {
        char uri[1024];
        member(body, "RequestUri", uri, sizeof uri);
        say(getenv("DENY") && strstr(uri, getenv("DENY")) ? "{\"Allow\":false,\"Msg\":\"not here\"}" : "{\"Allow\":true}");
    } else if (!strcmp(method, "AuthZPlugin.AuthZRes")) say("{\"Allow\":true}");
    else if (!strncmp(method, "VolumeDriver.", 13)) volume(method + 13, body);
    else say("{\"Err\":\"no method %s\"}", method);
}

// One request after the other on one connection; false: it is over.
static int serve(int line) {
    static char request[4 << 20];
    size_t have = 0, length = 0;
    char *body = NULL;
    while (!body || have < (size_t)(body - request) + length) {
        ssize_t n = have + 1 < sizeof request ? read(line, request + have, sizeof request - 1 - have) : 0;
        if (n <= 0) return 0;
        request[have += n] = 0;
        if (!body && (body = strstr(request, "\r\n\r\n"))) {
            *body = 0;
            body += 4;
            char *size = strcasestr(request, "Content-Length:");
            length = size ? strtoul(size + 15, NULL, 10) : 0;
        }
    }
    char method[128] = "", head[256];
    sscanf(request, "POST /%127s", method);
    reply(method, body);
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.plugins.v1.1+json\r\nContent-Length: %zu\r\n\r\n", strlen(answer));
    return write(line, head, n) == n && write(line, answer, strlen(answer)) == (ssize_t)strlen(answer);
}

static void end(int signal) {
    (void)signal;
    _exit(0);
}

int main(int count, char **arguments) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (count < 2) return 2;
    data = count > 2 ? arguments[2] : "/data";
    mounts = count > 3 ? arguments[3] : "/volumes";
    setvbuf(stdout, NULL, _IOLBF, 0);
    // The first process of a PID namespace ends by no signal that it does not handle.
    signal(SIGTERM, end);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    if (getenv("REFUSE") && *getenv("REFUSE")) return printf("%s\n", getenv("REFUSE")), 3;
    mkdir(data, 0755);
    mkdir(mounts, 0755);
    while (getenv("MUTE") && *getenv("MUTE")) pause();
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", arguments[1]);
    unlink(arguments[1]);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) return perror(arguments[1]), 4;
    printf("listening on %s\n", arguments[1]);
    // One process for all lines: it counts who has which volume mounted.
    fd_set all, ready;
    FD_ZERO(&all);
    FD_SET(listener, &all);
    for (;;) {
        ready = all;
        if (select(FD_SETSIZE, &ready, NULL, NULL, NULL) < 0) continue;
        for (int line = 0; line < FD_SETSIZE; line++) {
            if (!FD_ISSET(line, &ready)) continue;
            if (line == listener) {
                int fresh = accept(listener, NULL, NULL);
                if (fresh >= 0 && fresh < FD_SETSIZE) FD_SET(fresh, &all);
                else if (fresh >= 0) close(fresh);
            } else if (!serve(line)) {
                FD_CLR(line, &all);
                close(line);
            }
        }
    }
}
