using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Dockerfiles as people write them, of those idioms that need no network: built by both clients, and what was built does what it should.</summary>
public sealed class BuildIdiomTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"idiom-{Guid.NewGuid():n}";

    [Fact]
    public Task A_script_as_the_entrypoint_that_ends_in_exec_run_by_a_number() => ShouldBeAsync(
        """
        FROM busybox
        COPY --chmod=755 entry.sh /usr/local/bin/entry.sh
        USER 1234:5678
        ENV GREETING=hello
        ENTRYPOINT ["/usr/local/bin/entry.sh"]
        CMD ["sh", "-c", "echo $$ $(id -u):$(id -g) $GREETING"]
        """,
        "1 1234:5678 hello",
        ("entry.sh", "#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"$1\" ]; then set -- sh \"$@\"; fi\nexec \"$@\"\n"));

    [Fact]
    public Task One_program_on_nothing_at_all() => ShouldBeAsync(
        """
        ARG FROM=busybox
        FROM --platform=$BUILDPLATFORM ${FROM} AS build.stage-1_x
        ARG TARGETOS TARGETARCH
        RUN mkdir /out && cp /bin/busybox /out/busybox && echo "app:x:65532:65532::/:" > /out/passwd && test -n "$TARGETOS/$TARGETARCH"
        FROM scratch
        LABEL org.opencontainers.image.title="one program" \
              org.opencontainers.image.licenses=MIT
        COPY --from=build.stage-1_x /out/passwd /etc/passwd
        COPY --link --from=build.stage-1_x --chown=65532:65532 /out/busybox /busybox
        USER 65532:65532
        HEALTHCHECK --interval=30s CMD ["/busybox", "true"]
        ENTRYPOINT ["/busybox", "id", "-un"]
        """,
        "app");

    [Fact]
    public Task Everything_is_ignored_but_what_is_let_in_again() => ShouldBeAsync(
        """
        FROM busybox
        WORKDIR /srv
        COPY . .
        CMD find . -type f | sort | tr '\n' ' '
        """,
        "./keep.txt ./src/a.c ./src/deep/b.c",
        (".dockerignore", "# all of it\n**\n!keep.txt\n!src/**\nsrc/**/*.tmp\n"), ("keep.txt", "k"), ("drop.txt", "d"), ("src/a.c", "a"), ("src/x.tmp", "x"), ("src/deep/b.c", "b"), ("src/deep/y.tmp", "y"));

    [Fact]
    public Task Scripts_and_files_in_the_Dockerfile_itself() => ShouldBeAsync(
        """
        # syntax=docker/dockerfile:1
        FROM busybox
        ARG NAME=world
        SHELL ["/bin/sh", "-euo", "pipefail", "-c"]
        RUN --mount=type=cache,target=/var/cache/own <<EOF
          # a comment of the script
          false | true && exit 3 || echo "$NAME" > /made
        EOF
        COPY <<EOF <<'RAW' /texts/
        hello ${NAME}
        EOF
        not ${NAME}
        RAW
        CMD cat /made /texts/* | tr '\n' ' '
        """,
        "world hello world not ${NAME}");

    [Fact]
    public Task What_Windows_editors_save() => ShouldBeAsync(
        "\uFEFF# escape=`\nFROM busybox\nENV A=one `\n    B=two\nRUN echo $A $B`\n    > /made\nCMD [\"cat\", \"/made\"]\n".Replace("\n", "\r\n", StringComparison.Ordinal),
        "one two");

    [Fact]
    public Task A_user_that_a_step_adds_a_volume_of_its_and_a_time_zone() => ShouldBeAsync(
        """
        FROM busybox
        ENV TZ=UTC0 LANG=C.UTF-8
        RUN echo app:x:1000: >> /etc/group \
         && echo app:x:1000:1000::/nonexistent: >> /etc/passwd \
         # between the lines
         && mkdir /data && chown app:app /data
        USER app
        VOLUME /data
        STOPSIGNAL SIGQUIT
        CMD ["sh", "-c", "touch /data/mine && stat -c %U:%G /data/mine && date +%Z"]
        """,
        "app:app UTC");

    private async Task ShouldBeAsync(string dockerfile, string expected, params (string Name, string Content)[] files)
    {
        using var context = new Scratch();
        context.Write("Dockerfile", dockerfile);
        foreach (var (name, content) in files)
            context.Write(name, content);
        try
        {
            foreach (var client in new[] { Clients.Sampan, Clients.Docker })
            {
                (await RunAsync(client, "build", "--no-cache", "-t", _own, context.Path)).Succeeded();
                string.Join(' ', (await RunAsync(client, "run", "--rm", _own)).Lines).Trim().ShouldBe(expected, client);
            }
        }
        finally
        {
            await RunAsync(Clients.Sampan, "rmi", "-f", _own);
        }
    }
}
