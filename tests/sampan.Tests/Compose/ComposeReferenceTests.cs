using Sampan.Cli.Compose;
using Sampan.Cli.Tests.Client;

namespace Sampan.Cli.Tests.Compose;

/// <summary>Every command and every option of docker's tool, version 2: each is there, or refused with a reason.</summary>
public sealed class ComposeReferenceTests
{
    // One command a line, with the options that its help (and its source, for those that help hides) tells.
    private const string Reference = """
        compose all-resources ansi compatibility dry-run env-file file parallel profile progress project-directory project-name no-ansi verbose workdir
        attach detach-keys index no-stdin sig-proxy
        build build-arg builder check compress force-rm memory no-cache no-rm parallel print progress provenance pull push quiet sbom ssh with-dependencies
        commit author change index message pause
        config environment format hash images lock-image-digests models networks no-consistency no-env-resolution no-interpolate no-normalize no-path-resolution output profiles quiet resolve-image-digests services variables volumes
        convert format hash images no-interpolate no-normalize output profiles quiet resolve-image-digests services volumes
        cp all archive follow-link index
        create build force-recreate no-build no-recreate pull quiet-pull remove-orphans scale yes
        down remove-orphans rmi timeout volumes
        events json since until
        exec detach env index interactive no-tty privileged tty user workdir
        export index output
        images format quiet
        kill remove-orphans signal
        logs follow index no-color no-log-prefix since tail timestamps until
        ls all filter format quiet
        pause
        port index protocol
        ps all filter format no-trunc orphans quiet services status
        publish
        bridge
        alpha
        pull ignore-buildable ignore-pull-failures include-deps no-parallel parallel policy quiet
        push ignore-push-failures include-deps quiet
        restart no-deps timeout
        rm all force stop volumes
        run build cap-add cap-drop detach entrypoint env env-from-file interactive label name no-TTY no-deps publish pull quiet quiet-build quiet-pull remove-orphans rm service-ports tty use-aliases user volume workdir
        scale no-deps
        start wait wait-timeout
        stats all format no-stream no-trunc
        stop timeout
        top
        unpause
        up abort-on-container-exit abort-on-container-failure always-recreate-deps attach attach-dependencies build detach exit-code-from force-recreate menu no-attach no-build no-color no-deps no-log-prefix no-recreate no-start pull quiet-build quiet-pull remove-orphans renew-anon-volumes scale timeout timestamps wait wait-timeout watch yes
        version format short
        volumes format quiet
        wait down-project
        watch no-up prune quiet
        """;

    public static TheoryData<string> Lines => [.. Reference.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    [Theory, MemberData(nameof(Lines))]
    public void A_command_has_every_option_or_refuses_it_with_a_reason(string line)
    {
        string[] words = line.Split(' ');
        var command = words[0] == "compose" ? ComposeVerbs.Group : ComposeVerbs.Group.Find(words[0]);
        command.ShouldNotBeNull(words[0]);
        words.Skip(1).Except(command.Options.Select(o => o.Name), StringComparer.Ordinal).ShouldBeEmpty(words[0]);
        command.Options.Where(o => o.Refusal is not null).ShouldAllBe(o => o.Refusal!.Length > 10);
    }

    [Theory]
    [InlineData("publish me/app", "'compose publish' is not supported: a project is not made an artifact")]
    [InlineData("bridge convert", "'compose bridge' is not supported")]
    [InlineData("alpha viz", "'compose alpha' is not supported")]
    [InlineData("config --models", "--models")]
    [InlineData("up --menu", "there is no menu")]
    [InlineData("build --sbom x", "the builder makes no attestations")]
    [InlineData("build --parallel=false", "builds go side by side")]
    [InlineData("pull --parallel", "images are fetched one by one")]
    [InlineData("--workdir x up", "--project-directory")]
    [InlineData("--ansi sometimes up", "expected never, always or auto")]
    [InlineData("--progress loud up", "expected auto, tty, plain, json or quiet")]
    [InlineData("run -t -T web", "--tty and --no-TTY exclude each other")]
    public async Task What_is_not_there_is_refused_by_name(string words, string expected)
    {
        string file = Path.Combine(Path.GetTempPath(), $"sampan-compose-{Guid.NewGuid():n}.yaml");
        await File.WriteAllTextAsync(file, "services: {web: {image: x}}");
        try
        {
            var run = await CommandRun.WithAsync(_ => null, [], ["compose", "-f", file, .. words.Split(' ')]);
            run.Code.ShouldNotBe(0);
            run.Error.ShouldContain(expected);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
