using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Commands.Containers;

/// <summary>The verbs that do one call per container: stop restart kill rm pause unpause wait rename update.</summary>
internal static class ContainerVerbs
{
    private const string Several = "CONTAINER [CONTAINER...]";
    private static readonly Option<string> s_signal = Option.Text("signal", 's', "string", "Signal to send, by name or number");
    private static readonly Option<long?> s_timeout = Option.Number32("timeout", 't', "Seconds to wait before killing it; -1: for ever");
    private static readonly Option<long?> s_time = new("time", null, "int", "Seconds to wait", null, static (_, t) => Values.Integer32(t)) { Hidden = true };
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Remove a running container, too (it is killed)");
    private static readonly Option<bool> s_link = Option.Flag("link", 'l', "Remove the link of that name");
    private static readonly Option<bool> s_volumes = Option.Flag("volumes", 'v', "Remove its anonymous volumes, too");
    private static readonly Option<string> s_restart = new("restart", null, "string", "When to start it again", "", static (_, t) => t) { Choices = ["no", "on-failure", "always", "unless-stopped"] };

    private static readonly Option<IReadOnlyList<string>> s_publishAdd = Option.List("publish-add", null, "list", "Publish a port, also while it runs ([[address:]host-port:]port[/protocol])");
    private static readonly Option<IReadOnlyList<string>> s_publishRemove = Option.List("publish-rm", null, "list", "Publish a port of the host no longer (host-port[/protocol])");

    public static IReadOnlyList<Command> All { get; } =
    [
        Simple("stop", "Stop one or more running containers", Candidates.RunningContainers, [s_signal, s_timeout, s_time], (call, name) =>
            call.Client.StopContainerAsync(name, Timeout(call), call.Given(s_signal), call.Cancelled)),
        Simple("restart", "Restart one or more containers", Candidates.Containers, [s_signal, s_timeout, s_time], (call, name) =>
            call.Client.RestartContainerAsync(name, Timeout(call), call.Given(s_signal), call.Cancelled)),
        Simple("kill", "Kill one or more running containers", Candidates.RunningContainers, [s_signal], (call, name) =>
            call.Client.KillContainerAsync(name, call.Given(s_signal) ?? "KILL", call.Cancelled)),
        Simple("pause", "Pause all processes within one or more containers", Candidates.RunningContainers, [], (call, name) => call.Client.PauseContainerAsync(name, call.Cancelled)),
        Simple("unpause", "Unpause all processes within one or more containers", Candidates.PausedContainers, [], (call, name) => call.Client.UnpauseContainerAsync(name, call.Cancelled)),
        new()
        {
            Name = "rm",
            OtherNames = ["remove"],
            Summary = "Remove one or more containers",
            Aliases = ["container rm", "container remove", "rm"],
            Arguments = Several,
            MinWords = 1,
            Options = [s_force, s_link, s_volumes],
            Completes = Candidates.Containers,
            IsSequential = true,
            Run = RemoveAsync,
        },
        new()
        {
            Name = "wait",
            Summary = "Block until one or more containers stop, then print their exit codes",
            Aliases = ["container wait", "wait"],
            Arguments = Several,
            MinWords = 1,
            Completes = Candidates.RunningContainers,
            IsSequential = true,
            Run = call => call.EachAsync(call.Words, async name =>
            {
                var wait = await call.Client.WaitContainerAsync(name, null, call.Cancelled).ConfigureAwait(false);
                var result = await wait.ReadAsync().ConfigureAwait(false);
                call.Out.WriteLine(result.StatusCode.ToString(CultureInfo.InvariantCulture));
                call.Io.Flush();
            }),
        },
        new()
        {
            Name = "rename",
            Summary = "Rename a container",
            Aliases = ["container rename", "rename"],
            Arguments = "CONTAINER NEW_NAME",
            MinWords = 2,
            MaxWords = 2,
            Completes = Candidates.Containers,
            IsSequential = true,
            Run = RenameAsync,
        },
        new()
        {
            Name = "update",
            Summary = "Update configuration of one or more containers",
            Aliases = ["container update", "update"],
            Arguments = Several,
            MinWords = 1,
            Options =
            [
                Requests.CreateOptions.BlkioWeight, Requests.CreateOptions.CpuPeriod, Requests.CreateOptions.CpuQuota, Requests.CreateOptions.CpuRtPeriod,
                Requests.CreateOptions.CpuRtRuntime, Requests.CreateOptions.CpuShares, Requests.CreateOptions.Cpus, Requests.CreateOptions.CpusetCpus,
                Requests.CreateOptions.CpusetMems, Requests.CreateOptions.Memory, Requests.CreateOptions.MemoryReservation, Requests.CreateOptions.MemorySwap,
                Requests.CreateOptions.PidsLimit, Requests.CreateOptions.KernelMemory, s_restart, Requests.CreateOptions.RestartOnUnhealthy, s_publishAdd, s_publishRemove,
            ],
            Completes = Candidates.Containers,
            Run = UpdateAsync,
        },
    ];

    private static Command Simple(string name, string summary, Candidates candidates, IReadOnlyList<Option> options, Func<Invocation, string, Task> act) => new()
    {
        Name = name,
        Summary = summary,
        Aliases = [$"container {name}", name],
        Arguments = Several,
        MinWords = 1,
        Options = options,
        Completes = candidates,
        IsSequential = true,
        Run = call => WarnedAsync(call, async word =>
        {
            await act(call, word).ConfigureAwait(false);
            call.Out.WriteLine(word);
        }),
    };

    /// <summary>Acts on each word, after telling of an option whose name is another today.</summary>
    private static Task<int> WarnedAsync(Invocation call, Func<string, Task> act)
    {
        if (call.IsSet(s_time)) call.Out.WriteLine("Flag --time has been deprecated, use --timeout instead");
        return call.EachAsync(call.Words, act);
    }

    private static int? Timeout(Invocation call) => (int?)(call.Get(s_timeout) ?? call.Get(s_time));

    private static Task<int> RemoveAsync(Invocation call) => call.EachAsync(call.Words, async word =>
    {
        string name = word.Trim('/');
        if (name.Length == 0) throw new CommandException("container name cannot be empty");
        try
        {
            await call.Client.RemoveContainerAsync(name, call.Get(s_force), call.Get(s_volumes), call.Get(s_link), call.Cancelled).ConfigureAwait(false);
            call.Out.WriteLine(word);
        }
        catch (DockerApiException e) when (e.IsNotFound && call.Get(s_force))
        {
            // rm -f of what isn't there has reached its aim; docker says so on stderr and succeeds.
            call.Error.WriteLine(Failure.Text(e));
        }
    });

    private static async Task<int> RenameAsync(Invocation call)
    {
        string from = call.Words[0].Trim();
        string to = call.Words[1].Trim();
        if (from.Length == 0 || to.Length == 0) throw new CommandException("Error: Neither old nor new names may be empty");
        int code = await call.EachAsync([from], name => call.Client.RenameContainerAsync(name, to, call.Cancelled)).ConfigureAwait(false);
        if (code != 0) throw new CommandException($"Error: failed to rename container named {from}");
        return 0;
    }

    private static async Task<int> UpdateAsync(Invocation call)
    {
        var options = call.Path.Command.Options;
        if (!options.Any(call.IsSet)) throw new CommandException("you must provide one or more flags when using this command");
        UpdateRequest request;
        try
        {
            var added = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
            foreach (string spec in call.Get(s_publishAdd)) Requests.PortSpecs.Publish(spec, [], added);
            request = new UpdateRequest
            {
                PublishAdd = added.Count > 0 ? added : null,
                PublishRemove = call.Get(s_publishRemove) is { Count: > 0 } removed ? [.. removed.Select(p => p.Contains('/') ? p : p + "/tcp")] : null,
                BlkioWeight = (int)(call.Get(Requests.CreateOptions.BlkioWeight) ?? 0),
                CpuPeriod = call.Get(Requests.CreateOptions.CpuPeriod) ?? 0,
                CpuQuota = call.Get(Requests.CreateOptions.CpuQuota) ?? 0,
                CpuRealtimePeriod = call.Get(Requests.CreateOptions.CpuRtPeriod) ?? 0,
                CpuRealtimeRuntime = call.Get(Requests.CreateOptions.CpuRtRuntime) ?? 0,
                CpuShares = call.Get(Requests.CreateOptions.CpuShares) ?? 0,
                NanoCpus = call.Get(Requests.CreateOptions.Cpus) ?? 0,
                CpusetCpus = call.Get(Requests.CreateOptions.CpusetCpus),
                CpusetMems = call.Get(Requests.CreateOptions.CpusetMems),
                Memory = call.Get(Requests.CreateOptions.Memory) ?? 0,
                MemoryReservation = call.Get(Requests.CreateOptions.MemoryReservation) ?? 0,
                MemorySwap = call.Get(Requests.CreateOptions.MemorySwap) ?? 0,
                PidsLimit = call.Get(Requests.CreateOptions.PidsLimit),
                RestartOnUnhealthy = call.IsSet(Requests.CreateOptions.RestartOnUnhealthy) ? call.Get(Requests.CreateOptions.RestartOnUnhealthy) : null,
                RestartPolicy = call.Given(s_restart) is { } policy ? Requests.CreateRequestBuilder.ParseRestart(policy) : null,
            };
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, 1, e);
        }
        var warnings = new List<string>();
        int code = await call.EachAsync(call.Words, async name =>
        {
            warnings.AddRange((await call.Client.UpdateContainerAsync(name, request, call.Cancelled).ConfigureAwait(false)).Warnings ?? []);
            call.Out.WriteLine(name);
        }).ConfigureAwait(false);
        if (warnings.Count > 0) call.Out.WriteLine(string.Join('\n', warnings));
        return code;
    }
}
