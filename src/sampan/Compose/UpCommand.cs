using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.Compose.Model;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>compose up, create and scale.</summary>
internal static class UpCommand
{
    private static readonly Option<bool> s_abort = Option.Flag("abort-on-container-exit", null, "Stop all containers when one ends");
    private static readonly Option<bool> s_abortOnFailure = Option.Flag("abort-on-container-failure", null, "Stop all containers when one fails");
    private static readonly Option<bool> s_recreateDeps = Option.Flag("always-recreate-deps", null, "Replace the containers of dependencies, too");
    private static readonly Option<IReadOnlyList<string>> s_attach = Option.List("attach", null, "stringArray", "Show the output of these services only");
    private static readonly Option<IReadOnlyList<string>> s_noAttach = Option.List("no-attach", null, "stringArray", "Don't show the output of these services");
    private static readonly Option<bool> s_detach = Option.Flag("detach", 'd', "Leave the containers in the background");
    private static readonly Option<string> s_exitCodeFrom = Option.Text("exit-code-from", null, "string", "End with the exit code of this service; implies --abort-on-container-exit");
    private static readonly Option<bool> s_force = Option.Flag("force-recreate", null, "Replace containers even if nothing changed");
    private static readonly Option<bool> s_noColor = Option.Flag("no-color", null, "No colours");
    private static readonly Option<bool> s_noDeps = Option.Flag("no-deps", null, "Leave dependencies alone");
    private static readonly Option<bool> s_noPrefix = Option.Flag("no-log-prefix", null, "Lines without the containers' names");
    private static readonly Option<bool> s_noRecreate = Option.Flag("no-recreate", null, "Replace no containers, even if something changed");
    private static readonly Option<bool> s_noStart = Option.Flag("no-start", null, "Make the containers, but don't start them");
    private static readonly Option<bool> s_noBuild = Option.Flag("no-build", null, "Build no images, even if they are missing");
    private static readonly Option<string> s_pull = new("pull", null, "string", "When to fetch images: always, missing, never, build, policy", "", static (_, t) => t is "always" or "missing" or "never" or "policy" or "build" ? t : throw new FormatException("expected always, missing, never, build or policy")) { Choices = ["always", "missing", "never", "build", "policy"] };
    private static readonly Option<bool> s_quietPull = Option.Flag("quiet-pull", null, "Don't show how fetching goes");
    private static readonly Option<bool> s_orphans = Option.Flag("remove-orphans", null, "Remove containers of services that are not in the files");
    private static readonly Option<bool> s_renew = Option.Flag("renew-anon-volumes", 'V', "New unnamed volumes instead of those of the containers before");
    private static readonly Option<IReadOnlyDictionary<string, string>> s_scale = Option.Map("scale", null, "scale", "SERVICE=NUM: how many containers a service has");
    private static readonly Option<long?> s_timeout = Option.Number("timeout", 't', "Seconds to wait before killing what is stopped");
    private static readonly Option<bool> s_timestamps = Option.Flag("timestamps", null, "Show the time of each line");
    private static readonly Option<bool> s_wait = Option.Flag("wait", null, "Wait until services run or are healthy; implies --detach");
    private static readonly Option<long?> s_waitTimeout = Option.Number("wait-timeout", null, "Seconds to wait at most");
    private static readonly Option<bool> s_build = Option.Flag("build", null, "Build images first");
    private static readonly Option<bool> s_quietBuild = Option.Flag("quiet-build", null, "Don't show how building goes");
    private static readonly Option<bool> s_watch = Option.Flag("watch", 'w', "Follow files as 'develop.watch' says");
    private static readonly Option<bool> s_yes = Option.Flag("yes", 'y', "Don't ask (nothing is asked)");
    private static readonly Option<bool> s_attachDeps = Option.Flag("attach-dependencies", null, "Show the output of dependencies, too");
    private static readonly Option<bool> s_menu = new("menu", null, "", "Shortcuts on the keyboard", false, static (_, t) => !Values.Boolean(t) ? false : throw new FormatException("there is no menu: use another terminal")) { Hidden = true };

    public static Command Up { get; } = new()
    {
        Name = "up",
        Summary = "Create and start containers",
        Details = "What is there already and as it should be stays; what is not is made, started or replaced, and it says\nwhy. Without -d the output of the containers is shown, and ctrl-C stops them.",
        Arguments = "[SERVICE...]",
        Options =
        [
            s_abort, s_abortOnFailure, s_recreateDeps, s_attach, s_attachDeps, s_build, s_detach, s_exitCodeFrom, s_force, s_noAttach, s_noBuild, s_noColor, s_noDeps, s_noPrefix, s_noRecreate, s_noStart, s_pull, s_quietPull,
            s_orphans, s_renew, s_quietBuild, s_scale, s_timeout, s_timestamps, s_wait, s_waitTimeout, s_watch, s_yes, s_menu,
        ],
        Run = UpAsync,
    };

    public static Command Create { get; } = new()
    {
        Name = "create",
        Summary = "Create containers of a project without starting them",
        Arguments = "[SERVICE...]",
        Options = [s_build, s_force, s_noBuild, s_noRecreate, s_pull, s_quietBuild, s_quietPull, s_orphans, s_scale, s_yes],
        Run = async call =>
        {
            var project = ComposeProject.Load(call, call.Words);
            await Runner.Create(call, project.Name, project).UpAsync(Options(call, project) with { Start = false }, call.Cancelled).ConfigureAwait(false);
            return 0;
        },
    };

    public static Command Scale { get; } = new()
    {
        Name = "scale",
        Summary = "Change how many containers services have",
        Arguments = "SERVICE=NUM [SERVICE=NUM...]",
        MinWords = 1,
        Options = [s_noDeps],
        Run = async call =>
        {
            var scale = call.Words.Select(w => w.Split('=', 2)).ToDictionary(w => w[0], w => w.Length == 2 ? Count(w[0], w[1]) : throw new CommandException($"invalid scale '{w[0]}': expected SERVICE=NUM"), StringComparer.Ordinal);
            var project = ComposeProject.Load(call, [.. scale.Keys]);
            await Runner.Create(call, project.Name, project).UpAsync(new UpOptions { Services = [.. scale.Keys], WithDependencies = !call.Get(s_noDeps), Scale = scale }, call.Cancelled).ConfigureAwait(false);
            return 0;
        },
    };

    private static async Task<int> UpAsync(Invocation call)
    {
        bool wait = call.Get(s_wait);
        bool detach = call.Get(s_detach) || wait || call.Get(s_noStart);
        string? codeFrom = call.Given(s_exitCodeFrom);
        bool abort = call.Get(s_abort) || codeFrom is not null;
        if (detach && (abort || call.Get(s_abortOnFailure) || call.Get(s_attach).Count > 0)) throw new CommandException("--detach and --wait can't be combined with --abort-on-container-exit, --abort-on-container-failure, --exit-code-from or --attach");
        if (call.Get(s_force) && call.Get(s_noRecreate)) throw new CommandException("--force-recreate and --no-recreate are incompatible");
        if (call.Get(s_build) && call.Get(s_noBuild)) throw new CommandException("--build and --no-build are incompatible");
        if (call.Get(s_watch) && (detach || abort)) throw new CommandException("--watch stays: it can't be combined with --detach, --wait, --no-start, --abort-on-container-exit or --exit-code-from");
        var project = ComposeProject.Load(call, call.Words);
        if (codeFrom is not null && !project.Services.ContainsKey(codeFrom)) throw new CommandException($"no such service: {codeFrom}");
        var runner = Runner.Create(call, project.Name, project, call.Get(s_quietBuild));
        // There is nothing to be attached to.
        detach |= DryRun.IsAsked(call);
        var marks = detach ? [] : await MarksAsync(call, runner).ConfigureAwait(false);
        using var signals = new Interruption();
        IReadOnlyList<ProjectContainer> containers;
        try
        {
            containers = await runner.UpAsync(Options(call, project), signals.Asked).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Asked.IsCancellationRequested)
        {
            if (detach) throw new CommandException("interrupted: 'up' once more goes on from what is there now", 130);
            await StopAsync(call, runner, signals).ConfigureAwait(false);
            return 130;
        }
        return detach ? 0 : await AttachAsync(call, project, runner, containers, marks, signals, abort, codeFrom).ConfigureAwait(false);
    }

    /// <summary>Shows the output until all containers have ended, one has that ends the rest, or the user has enough.</summary>
    private static async Task<int> AttachAsync(Invocation call, Project project, ProjectRunner runner, IReadOnlyList<ProjectContainer> containers, Dictionary<string, string?> marks, Interruption signals, bool abort, string? codeFrom)
    {
        var attach = call.Get(s_attach);
        var noAttach = call.Get(s_noAttach);
        var shown = containers.Where(c => (attach.Count > 0 ? attach.Contains(c.Service, StringComparer.Ordinal) : project.Services[c.Service].IsAttached) && !noAttach.Contains(c.Service, StringComparer.Ordinal)).ToList();
        var view = new LogView(call, shown, !call.Get(s_noColor) && Colours.Wanted(call, StandardIo.OutIsTerminal), !call.Get(s_noPrefix));
        view.Say("Attaching to " + string.Join(", ", shown.Select(LogView.Shown)));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(signals.Asked);
        var added = new List<Task>();
        using var watch = !call.Get(s_watch) ? null : new Watch(call, project, runner, call.Words)
        {
            Replaced = successors =>
            {
                foreach (var c in successors.Where(c => shown.Any(s => s.Service == c.Service))) added.Add(view.ShowAsync(c, new LogsRequest { Follow = true, Timestamps = call.Get(s_timestamps) }, ended.Token));
            },
        };
        var watching = watch?.RunAsync(ended.Token);
        var watched = containers.ToDictionary(c => c, c => view.ShowAsync(
            c, new LogsRequest { Follow = true, Timestamps = call.Get(s_timestamps), Since = marks.GetValueOrDefault(c.Id) }, ended.Token, shown.Contains(c)));
        int code = 0;
        try
        {
            var open = watched.Values.ToList();
            while (open.Count > 0)
            {
                var first = await Task.WhenAny(open).ConfigureAwait(false);
                open.Remove(first);
                int? exit = await first.ConfigureAwait(false);
                if (!abort && !(call.Get(s_abortOnFailure) && exit is not (0 or null))) continue;
                code = exit ?? 0;
                view.Say("Aborting on container exit...");
                await runner.StopAsync([], (int?)call.Get(s_timeout), signals.Forced).ConfigureAwait(false);
                if (codeFrom is not null) code = await CodeAsync(call, containers, codeFrom).ConfigureAwait(false);
                break;
            }
            // Files are followed until the user has enough, whatever has ended.
            if (watching is not null) await watching.ConfigureAwait(false);
            return code;
        }
        catch (OperationCanceledException) when (signals.Asked.IsCancellationRequested)
        {
            await StopAsync(call, runner, signals).ConfigureAwait(false);
            return 130;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll([.. watched.Values, .. added, watching ?? Task.CompletedTask])).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// From when on the output of containers that are there already is shown: of one that runs from its start, of one that ended from its end. New ones have no mark: all of
    /// theirs is shown. The start would be no mark for what begins now, as the engine notes it when the first lines are written already.
    /// </summary>
    private static async Task<Dictionary<string, string?>> MarksAsync(Invocation call, ProjectRunner runner)
    {
        var marks = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var container in await runner.SelectAsync([], all: true, call.Cancelled).ConfigureAwait(false))
        {
            var state = (await call.Client.InspectContainerAsync(container.Id, cancellationToken: call.Cancelled).ConfigureAwait(false)).State;
            marks[container.Id] = LogView.Mark(state?.Running == true ? state.StartedAt : state?.FinishedAt, call.Time);
        }
        return marks;
    }

    private static async Task StopAsync(Invocation call, ProjectRunner runner, Interruption signals)
    {
        call.Error.WriteLine("Gracefully stopping... (press ctrl-C again to kill)");
        try
        {
            await runner.StopAsync([], (int?)call.Get(s_timeout), signals.Forced).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await runner.KillAsync([], "SIGKILL", removeOrphans: false, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<int> CodeAsync(Invocation call, IReadOnlyList<ProjectContainer> containers, string service)
    {
        foreach (var container in containers.Where(c => c.Service == service))
            return (await call.Client.InspectContainerAsync(container.Id, cancellationToken: call.Cancelled).ConfigureAwait(false)).State?.ExitCode ?? 0;
        return 0;
    }

    private static UpOptions Options(Invocation call, Project project)
    {
        var scale = call.Get(s_scale).ToDictionary(p => p.Key, p => Count(p.Key, p.Value), StringComparer.Ordinal);
        foreach (string service in scale.Keys)
            if (!project.Services.ContainsKey(service)) throw new CommandException($"no such service: {service}");
        return new UpOptions
        {
            Services = call.Words,
            WithDependencies = !call.Get(s_noDeps),
            Recreate = call.Get(s_force) ? RecreateMode.Always : call.Get(s_noRecreate) ? RecreateMode.Never : RecreateMode.Changed,
            RecreateDependencies = call.Get(s_recreateDeps),
            Scale = scale,
            RemoveOrphans = call.IsSet(s_orphans) ? call.Get(s_orphans) : Says(project, "COMPOSE_REMOVE_ORPHANS"),
            IgnoreOrphans = Says(project, "COMPOSE_IGNORE_ORPHANS"),
            AllResources = call.Group.Get(ComposeOptions.AllResources),
            TellsDependencies = call.Get(s_attachDeps),
            RenewVolumes = call.Get(s_renew),
            Start = !call.Get(s_noStart),
            Build = call.Get(s_build) ? BuildMode.Always : call.Get(s_noBuild) ? BuildMode.Never : BuildMode.Missing,
            PullPolicy = call.Given(s_pull) is { } policy and not "policy" ? policy : null,
            Wait = call.Get(s_wait),
            WaitTimeout = call.Get(s_waitTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            StopSeconds = (int?)call.Get(s_timeout),
        };
    }

    private static bool Says(Project project, string variable) => project.Environment.GetValueOrDefault(variable) is "true" or "1";

    private static int Count(string service, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : throw new CommandException($"invalid scale '{service}={text}': expected a number");
}
