using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;

namespace Sampan.Cli.Compose;

/// <summary>The commands that do one thing to the containers of services: start stop restart kill pause unpause rm wait.</summary>
internal static class ServiceVerbs
{
    private const string Several = "[SERVICE...]";
    private static readonly Option<long?> s_timeout = Option.Number("timeout", 't', "Seconds to wait before killing what is stopped");
    private static readonly Option<bool> s_wait = Option.Flag("wait", null, "Wait until services run or are healthy");
    private static readonly Option<long?> s_waitTimeout = Option.Number("wait-timeout", null, "Seconds to wait at most");
    private static readonly Option<string> s_signal = Option.Text("signal", 's', "string", "The signal", "SIGKILL");
    private static readonly Option<bool> s_orphans = Option.Flag("remove-orphans", null, "Remove containers of services that are not in the files");
    private static readonly Option<bool> s_noDeps = Option.Flag("no-deps", null, "Leave those alone that ask to be restarted with what they depend on");
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Don't ask");
    private static readonly Option<bool> s_stop = Option.Flag("stop", 's', "Stop those that run, first");
    private static readonly Option<bool> s_volumes = Option.Flag("volumes", 'v', "Remove their unnamed volumes, too");
    private static readonly Option<bool> s_down = Option.Flag("down-project", null, "Take the project away when the first one ends");

    public static Command Start { get; } = Verb("start", "Start services", [s_wait, s_waitTimeout], async call =>
    {
        var runner = Runner.Find(call, call.Words);
        await runner.StartAsync(call.Words, call.Cancelled).ConfigureAwait(false);
        if (call.Get(s_wait)) await runner.WaitHealthyAsync(call.Words, call.Get(s_waitTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null, call.Cancelled).ConfigureAwait(false);
    });

    public static Command Stop { get; } = Verb("stop", "Stop services", [s_timeout], call => Runner.Find(call, call.Words).StopAsync(call.Words, (int?)call.Get(s_timeout), call.Cancelled));

    public static Command Restart { get; } = Verb("restart", "Restart service containers", [s_noDeps, s_timeout], call =>
        Runner.Find(call, call.Words).RestartAsync(call.Words, (int?)call.Get(s_timeout), !call.Get(s_noDeps), call.Cancelled));

    public static Command Rollback { get; } = Verb("rollback", "Return services to what they were before their containers were last replaced", [], call =>
        Runner.Find(call, call.Words).RollbackAsync(call.Words, call.Cancelled));

    public static Command Kill { get; } = Verb("kill", "Force stop service containers", [s_orphans, s_signal], call =>
        Runner.Find(call, call.Words).KillAsync(call.Words, call.Get(s_signal), call.Get(s_orphans), call.Cancelled));

    public static Command Pause { get; } = Verb("pause", "Pause services", [], call => Runner.Find(call, call.Words).PauseAsync(call.Words, pause: true, call.Cancelled));

    public static Command Unpause { get; } = Verb("unpause", "Unpause services", [], call => Runner.Find(call, call.Words).PauseAsync(call.Words, pause: false, call.Cancelled));

    public static Command Rm { get; } = Verb("rm", "Removes stopped service containers", [s_force, s_stop, s_volumes, Option.Refused("all", 'a', "", "", "one-off containers go with 'down'")], RemoveAsync);

    public static Command Wait { get; } = new()
    {
        Name = "wait",
        Summary = "Block until containers of all (or specified) services stop",
        Arguments = "SERVICE [SERVICE...]",
        MinWords = 1,
        Options = [s_down],
        Run = WaitAsync,
    };

    private static Command Verb(string name, string summary, IReadOnlyList<Option> options, Func<Invocation, Task> act) => new()
    {
        Name = name,
        Summary = summary,
        Arguments = Several,
        Options = options,
        Run = async call =>
        {
            await act(call).ConfigureAwait(false);
            return 0;
        },
    };

    private static async Task RemoveAsync(Invocation call)
    {
        var runner = Runner.Find(call, call.Words);
        if (call.Get(s_stop)) await runner.StopAsync(call.Words, null, call.Cancelled).ConfigureAwait(false);
        var stopped = (await runner.SelectAsync(call.Words, all: true, call.Cancelled).ConfigureAwait(false)).Where(c => !c.IsRunning).ToList();
        if (stopped.Count == 0)
        {
            call.Error.WriteLine("No stopped containers");
            return;
        }
        if (!call.Get(s_force) && !call.Confirm("Going to remove " + string.Join(", ", stopped.Select(c => c.Name)))) return;
        await runner.RemoveAsync(stopped, call.Get(s_volumes), call.Cancelled).ConfigureAwait(false);
    }

    private static async Task<int> WaitAsync(Invocation call)
    {
        var runner = Runner.Find(call, call.Words);
        var containers = await runner.SelectAsync(call.Words, all: true, call.Cancelled).ConfigureAwait(false);
        if (containers.Count == 0) throw new CommandException("no containers for project");
        async Task<long> EndAsync(string id)
        {
            var wait = await call.Client.WaitContainerAsync(id, null, call.Cancelled).ConfigureAwait(false);
            return (await wait.ReadAsync().ConfigureAwait(false)).StatusCode;
        }
        var waits = containers.Select(c => EndAsync(c.Id)).ToList();
        if (call.Get(s_down))
        {
            long first = await (await Task.WhenAny(waits).ConfigureAwait(false)).ConfigureAwait(false);
            await runner.DownAsync(new Sampan.Compose.Running.DownOptions(), call.Cancelled).ConfigureAwait(false);
            return (int)first;
        }
        long code = 0;
        foreach (var wait in waits)
        {
            long ended = await wait.ConfigureAwait(false);
            call.Out.WriteLine(ended.ToString(CultureInfo.InvariantCulture));
            call.Io.Flush();
            if (ended != 0) code = ended;
        }
        return (int)code;
    }
}
