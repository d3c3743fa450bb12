using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Every kind of error a Dockerfile can have: Docker's words, with line and column, and the lines around it.</summary>
public sealed class BuildErrorTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"wrong-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Theory]
    // The language: told before anything runs.
    [InlineData("FRON x", "2:1", "dockerfile parse error on line 2: unknown instruction: FRON (did you mean FROM?)")]
    [InlineData("COPY --fron=a /x /y", "2:6", "unknown flag: --fron")]
    [InlineData("COPY --link=perhaps a b", "2:6", "expecting boolean value for flag link, not: perhaps")]
    [InlineData("COPY --chown= a b", "2:6", "missing a value on flag: chown")]
    [InlineData("ADD --checksum=a --checksum=b x y", "2:5", "duplicate flag specified: --checksum")]
    [InlineData("COPY a", "2:1", "COPY requires at least two arguments, but only one was provided")]
    [InlineData("ENV a=b \\\n    c", "3:5", "Syntax error - can't find = in \"c\"")]
    [InlineData("ENV", "2:1", "ENV requires at least one argument")]
    [InlineData("FROM busybox AS 9a", "2:17", "invalid name for build stage")]
    [InlineData("FROM busybox OS a", "2:14", "second argument to FROM should be AS")]
    [InlineData("RUN <<END\necho", "2:5", "unterminated heredoc 'END'")]
    [InlineData("SHELL /bin/sh -c", "2:1", "SHELL requires the arguments to be in JSON form")]
    [InlineData("CMD [1]", "2:1", "arrays must be comprised of strings only")]
    [InlineData("ONBUILD ONBUILD RUN true", "2:1", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")]
    [InlineData("ONBUILD COPY a", "2:1", "requires at least two arguments")]
    [InlineData("FROM ${nothing}", "2:1", "should not be blank")]
    [InlineData("COPY --from=second /x /\nFROM busybox AS second\nCOPY --from=first /x /", "3:1", "circular dependency detected on stage")]
    // What is found out by the step.
    [InlineData("COPY missing /", "2:6", "COPY failed: file not found in build context or excluded by .dockerignore: stat missing: file does not exist (line 2, column 6)")]
    [InlineData("COPY \\\n  file \\\n# a comment\n  missing /x/", "5:3", "stat missing: file does not exist (line 5, column 3)")]
    [InlineData("COPY [\"file\", \"miss ing\", \"/x/\"]", "2:16", "stat miss ing: file does not exist")]
    [InlineData("COPY ignored /", "2:6", "COPY failed: file excluded by .dockerignore: stat ignored")]
    [InlineData("COPY none* /", "2:1", "COPY failed: no source files were specified: nothing in the build context matches none*")]
    [InlineData("COPY file ../outside /x/", "2:11", "forbidden path outside the build context: ../outside")]
    [InlineData("COPY file file2 /x", "2:1", "the destination must be a directory and end with a /")]
    [InlineData("ADD http://127.0.0.1:1/x /x", "2:1", "failed to download remote http://127.0.0.1:1/x")]
    [InlineData("ADD https://example.invalid/x.git#--option /x", "2:1", "invalid git repository")]
    [InlineData("ADD --checksum=sha256:0 file /x", "2:1", "checksum is only supported for HTTP(S) and Git sources")]
    [InlineData("COPY --chown=nobody-here file /x", "2:1", "nobody-here")]
    [InlineData("COPY --chmod=9 file /x", "2:1", "invalid chmod parameter: '9'")]
    [InlineData("COPY --from=9 a /", "2:13", "invalid from flag value 9: invalid stage index")]
    [InlineData("COPY --from=127.0.0.1:1/nobody a /", "2:13", "'127.0.0.1:1/nobody' is no stage, no further context and no image that can be had")]
    [InlineData("FROM busybox\nCOPY --from=first /none /", "3:19", "COPY failed: file not found in 'first': stat /none")]
    [InlineData("FROM busybox\nRUN --mount=from=first,source=/none,target=/m true", "3:13", "failed to find '/none' for a mount in 'first': not found")]
    [InlineData("RUN --mount=source=none,target=/m true", "2:13", "failed to find 'none' for a mount: not found")]
    [InlineData("RUN --mount=type=tape true", "2:1", "unsupported mount type \"tape\"")]
    [InlineData("RUN --mount=type=secret,id=s,required true", "2:1", "secret s: not found")]
    [InlineData("RUN --mount=type=ssh,required true", "2:1", "no SSH key")]
    [InlineData("RUN --network=somewhere true", "2:15", "unsupported network mode \"somewhere\"")]
    [InlineData("RUN --security=insecure true", "2:5", "is not granted")]
    [InlineData("ARG empty\nRUN true ${empty}\nENV a=\"${empty:?is needed}\"", "4:1", "empty: is needed")]
    [InlineData("LABEL a=${x", "2:1", "failed to process")]
    [InlineData("EXPOSE many", "2:1", "many")]
    [InlineData("STOPSIGNAL SIGNONE", "2:1", "SIGNONE")]
    [InlineData("HEALTHCHECK --interval=soon CMD true", "2:1", "soon")]
    [InlineData("USER nobody-here\nRUN true", "3:1", "unable to find user nobody-here")]
    [InlineData("RUN exit 7", "2:1", "The command '/bin/sh -c exit 7' returned a non-zero code: 7")]
    [InlineData("FROM 127.0.0.1:1/nobody", "2:1", "127.0.0.1:1")]
    [InlineData("FROM --platform=a/b/c/d busybox", "2:17", "invalid platform 'a/b/c/d' of FROM")]
    public async Task An_error_has_its_reason_and_its_place(string instruction, string place, string reason)
    {
        _scratch.Write("Dockerfile", $"FROM busybox AS first\n{instruction}\n");
        _scratch.Write("file", "x");
        _scratch.Write("file2", "x");
        _scratch.Write("ignored", "x");
        _scratch.Write(".dockerignore", "ignored\n");
        var outcome = (await Daemon.DockerAsync("build", _scratch.Path)).Failed().Saying(reason).Saying($"Dockerfile:{place}\n");
        outcome.All.ShouldMatch($"(?m) {place.Split(':')[0]} \\| >>> ", outcome.Command);
    }

    [Fact]
    public async Task An_error_has_its_place_however_progress_is_shown()
    {
        _scratch.Write("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY missing /\n");
        foreach (var progress in new[] { "plain", "tty", "json" })
            (await BuildAsync("--progress", progress)).Ended(1).Saying("Dockerfile:3:6").Saying(">>> COPY missing /").Saying("file does not exist (line 3, column 6)");
        // The id is all that goes to standard output, and there is none.
        foreach (var quiet in new[] { await BuildAsync("-q"), await Daemon.DockerAsync("build", "-q", _scratch.Path) })
        {
            quiet.Ended(1).Saying("Dockerfile:3:6").Saying("file does not exist (line 3, column 6)");
            quiet.Stdout.ShouldBeEmpty();
        }
        _scratch.Write("Dockerfile", $"FROM busybox\nENV own={_own}\nRUN exit 9\n");
        foreach (var quiet in new[] { await BuildAsync("-q"), await Daemon.DockerAsync("build", "-q", _scratch.Path) })
            quiet.Ended(9).Saying("Dockerfile:3:1");
        // A failure of the language comes before any step: with its lines, too.
        _scratch.Write("Dockerfile", "FROM busybox\n  RUNN true\n");
        foreach (var progress in new[] { "plain", "tty", "json" })
            (await BuildAsync("--progress", progress)).Ended(1).Saying("Dockerfile:2:3").Saying(">>>   RUNN true").Saying("dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?) (column 3)");
    }

    [Fact]
    public async Task Triggers_are_told_with_the_FROM_that_brought_them()
    {
        _scratch.Write("Dockerfile", $"FROM busybox\nENV own={_own}\nONBUILD COPY missing /\n");
        try
        {
            (await BuildAsync("-t", _own)).Succeeded();
            _scratch.Write("Dockerfile", $"# the base has triggers\nFROM {_own}\nRUN true\n");
            foreach (var outcome in new[] { await Daemon.DockerAsync("build", _scratch.Path), await BuildAsync() })
                outcome.Failed().Saying("Dockerfile:2:1").Saying($">>> FROM {_own}").Saying($"stat missing: file does not exist (line 2, column 1, a trigger of '{_own}': COPY missing /)");
        }
        finally
        {
            await Daemon.DockerAsync("rmi", _own);
        }
    }

    [Fact]
    public async Task What_is_wrong_elsewhere_is_told_by_its_own_name()
    {
        _scratch.Write("Dockerfile", "FROM busybox AS one\nFROM busybox AS two\n");
        (await BuildAsync("--target", "three")).Failed().Saying("failed to reach build target three in Dockerfile: its stages are one, two");
        (await Daemon.DockerAsync("build", "-f", "Dockerfile.none", _scratch.Path)).Failed().Saying("Dockerfile.none");
        _scratch.Write("rules/Dockerfile", "FROM busybox\n");
        _scratch.Write("rules/.dockerignore", "# the rules\n\nfine\n[a\n");
        (await Daemon.SampanAsync("build", Path.Combine(_scratch.Path, "rules"))).Failed().Saying("line 4: syntax error in pattern '[a'");
        // As the engine has it from a client that sends them unread.
        var sent = Path.Combine(_scratch.Path, "sent.tar");
        (await Shell.RunAsync("/bin/tar", ["-C", Path.Combine(_scratch.Path, "rules"), "-cf", sent, "."])).Succeeded();
        using var body = new ByteArrayContent(await File.ReadAllBytesAsync(sent));
        body.Headers.ContentType = new("application/x-tar");
        using var answer = await Daemon.Http.PostAsync("build", body);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("failed to read .dockerignore: line 4: syntax error in pattern");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Outcome> BuildAsync(params string[] options) => Daemon.SampanAsync(["build", .. options, _scratch.Path]);
}
