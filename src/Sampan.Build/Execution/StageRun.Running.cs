using System.Text;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Images;
using Sampan.Storage.Images;

namespace Sampan.Build.Execution;

/// <content>RUN.</content>
internal sealed partial class StageRun
{
    /// <summary>Marks containers of builds: those that a killed daemon left are removed by the next one.</summary>
    internal const string Label = "io.sampan.build";

    private async Task RunAsync(Instruction.Run run)
    {
        var command = CommandOf(run, out var script);
        var network = run.Network switch
        {
            null or "default" => build.Request.Network ?? "default",
            "none" => "none",
            "host" when build.Request.Network == "host" || build.Request.Entitlements.Contains("network.host") => "host",
            "host" => throw new DockerfileException("RUN --network=host is granted only to a build that is started with --network=host or --allow network.host", run.Place) { Word = "--network" },
            var other => throw new DockerfileException($"unsupported network mode \"{other}\"", run.Place) { Word = other },
        };
        if (run.Security is not (null or "sandbox" or "insecure"))
            throw new DockerfileException($"security \"{run.Security}\" is not valid", run.Place) { Word = run.Security };
        if (run.Security == "insecure" && !build.Request.Entitlements.Contains("security.insecure"))
            throw new DockerfileException("RUN --security=insecure is not granted: start the build with --allow security.insecure", run.Place) { Word = "--security" };
        await using var mounts = await RunMounts.ReadAsync(run, build, stage, Expand, _state);
        var arguments = _arguments.Where(argument => argument.Value is not null && !_state.Config.Env.Any(line => line.StartsWith(argument.Key + "=", StringComparison.Ordinal)))
            .Select(argument => $"{argument.Key}={argument.Value}").Order(StringComparer.Ordinal).ToList();

        var key = NewKey("run").AddAll(command).Add(script).AddVariables("variable", _state.Config.Env).AddVariables("argument", arguments)
            .Add(_state.Config.User, _state.Config.WorkingDir, network).AddAll(build.Request.ExtraHosts).AddAll(mounts.Keys)
            .Note("command", StateChanges.Quoted(command)).Note("script", script).Note("user", _state.Config.User).Note("working directory", _state.Config.WorkingDir)
            .Note("network", network).Note("extra hosts", string.Join(' ', build.Request.ExtraHosts)).NoteLater(mounts.Describe);
        var counted = arguments.Count == 0 ? "" : $"|{arguments.Count} {string.Join(' ', arguments)} ";
        var history = $"RUN {counted}{string.Join(' ', command)}{(script is null ? "" : $" <<EOF\n{script}EOF")} # buildkit";
        if (run.Security == "insecure")
            key.Add("insecure").Note("security", "insecure");
        if (HostName(network) is { } host)
            key.Add(host).Note("host name", host);
        var devices = Devices(run);
        if (devices.Count > 0)
            key.Add("devices").AddAll(devices).Note("devices", string.Join(' ', devices));
        await TakeAsync(key, run.Text, history, () => ExecuteAsync(run, command, script, arguments, network, mounts, devices));
    }

    // As BuildKit has it, so that what a command makes of it is the same each time. A network that is somebody else's comes with a name.
    private string? HostName(string network) => network == "host" || network.StartsWith("container:", StringComparison.Ordinal) ? null
        : build.Request.Arguments.GetValueOrDefault("BUILDKIT_SANDBOX_HOSTNAME") is { Length: > 0 } given ? given : "buildkitsandbox";

    // RUN --device=vendor/class=name[,required]: those that are not there are left out unless they are required.
    private List<string> Devices(Instruction.Run run)
    {
        if (run.Devices.Count == 0)
            return [];
        if (!build.Request.Entitlements.Contains("device"))
            throw new DockerfileException("RUN --device is not granted: start the build with --allow device", run.Place) { Word = "--device" };
        var found = new List<string>();
        var here = build.Engine.Steps.Devices();
        foreach (var text in run.Devices)
        {
            var words = Expand(text, run.Place).Split(',');
            if (words.Skip(1).FirstOrDefault(word => word is not ("required" or "required=true" or "required=false")) is { } unknown)
                throw new DockerfileException($"unexpected word '{unknown}' for a device: expected NAME[,required]", run.Place) { Word = text };
            var names = here.Where(name => name == words[0] || words[0].EndsWith("=*", StringComparison.Ordinal) && name.StartsWith(words[0][..^1], StringComparison.Ordinal)).ToList();
            // "vendor/class" alone is the first there is.
            if (names.Count == 0 && !words[0].Contains('='))
                names.AddRange(here.Where(name => name.StartsWith(words[0] + "=", StringComparison.Ordinal)).Take(1));
            if (names.Count == 0 && words.Skip(1).Any(word => word is "required" or "required=true"))
                throw new DockerfileException($"required device \"{words[0]}\" is not described by any CDI file", run.Place) { Word = text };
            found.AddRange(names.Where(name => !found.Contains(name)));
        }
        return found;
    }

    /// <summary>
    /// (1) the files as a step, so that nothing of the base's configuration is in the container (2) create (3) attach, start (4) output to its end,
    /// the exit code (5) what it changed becomes a layer (6) the container goes, whatever happened.
    /// </summary>
    private async Task<ImageRecord> ExecuteAsync(Instruction.Run run, IReadOnlyList<string> command, string? script, IReadOnlyList<string> arguments, string network, RunMounts mounts, IReadOnlyList<string> devices)
    {
        // (1)
        var files = await StepOfFilesAsync();

        // (2)
        await mounts.PrepareAsync(script, build.Stopped);
        var proxies = build.Request.Arguments.Where(argument => argument.Value is not null && PlatformArguments.Proxies.Contains(argument.Key) && !_arguments.ContainsKey(argument.Key)).Select(argument => $"{argument.Key}={argument.Value}");
        var spec = new ContainerSpec
        {
            Image = files.Id.ToString(),
            Entrypoint = [],
            Command = command,
            Env = [.. proxies, .. arguments, .. _state.Config.Env, .. mounts.Environment],
            User = _state.Config.User,
            WorkingDirectory = _state.Config.WorkingDir,
            Network = new NetworkWish { Mode = network, ExtraHosts = build.Request.ExtraHosts },
            Hostname = HostName(network),
            Resources = devices.Count == 0 ? build.Request.Resources : build.Request.Resources with { DeviceWishes = [new DeviceWish { Driver = "cdi", Ids = devices }] },
            ShmSize = build.Request.ShmSize,
            Security = new SecurityWish { Options = build.Request.SecurityOptions, Privileged = run.Security == "insecure" },
            Log = new LogWish { Driver = "none" },
            Labels = new Dictionary<string, string> { [Label] = "true" },
            Mounts = mounts.Specs,
            AttachStdout = true,
            AttachStderr = true,
        };
        var containers = build.Engine.Containers;
        var id = (await containers.CreateAsync(spec, null, build.Stopped)).Id;
        ImageRecord? made = null;
        try
        {
            // (3)
            Tell($" ---> Running in {id[..12]}\n");
            await using var stream = containers.Attach(id, new AttachOptions { Stdout = true, Stderr = true, Stream = true });
            await using var output = new CommandOutput(Say, ct => build.Journal.IsWatched ? build.Request.Room?.Invoke(ct) ?? Task.CompletedTask : build.Output.RoomAsync(stage.Index, ct));
            var pumping = stream.PumpAsync(null, output, build.Stopped);
            await containers.StartAsync(id, build.Stopped);
            BuildFailPoint.Reach("build.container-started");

            // (4)
            var exit = await containers.WaitAsync(id, WaitCondition.NotRunning, build.Stopped);
            await pumping;
            if (exit.ExitCode != 0)
                throw Failure(run, command, exit.ExitCode, build.Request.KeepsFailed ? await KeepAsync(run, files, id, mounts, arguments) : null);

            // (5)
            BuildFailPoint.Reach("build.container-ended");
            made = await build.Engine.Steps.CommitAsync(files, id, mounts.Targets, build.Epoch, build.Stopped);
            return made;
        }
        finally
        {
            // (6)
            await RemoveAsync(id, made);
        }
    }

    private async Task RemoveAsync(string id, ImageRecord? made)
    {
        try
        {
            await build.Engine.Containers.RemoveAsync(id, new RemoveOptions { Force = true, Volumes = true }, CancellationToken.None);
        }
        catch (EngineException other) when (other.Kind is ErrorKind.NotFound or ErrorKind.Conflict)
        {
            // Somebody else removes it, or has.
        }
        catch when (made is not null)
        {
            build.Cache.Abandon(made);
            throw;
        }
        Tell($" ---> Removed intermediate container {id[..12]}\n");
    }

    private async Task<ImageRecord> StepOfFilesAsync()
    {
        if (_state.Files is { IsStep: true } step)
            return step;
        var key = new Caching.CacheKey("files", _state.Files).Add(_state.Platform.ToString()).Finish();
        var taken = await build.Cache.TakeAsync(key, $"files of {stage.Base}", fresh: false, build.Lease, () => build.Engine.Steps.StackAsync(_state.Files, null, build.Stopped), build.Stopped);
        return taken.Files;
    }

    // "RUN <<EOF" alone is a script: for the shell, or for what its first line names.
    private IReadOnlyList<string> CommandOf(Instruction.Run run, out string? script)
    {
        script = null;
        if (run.Heredocs.Count == 0 || !run.Command.IsShell)
            return run.Command.With(_state.Config.Shell);
        var line = run.Command.Words[0];
        if (run.Heredocs is [var only] && line == only.Word)
        {
            if (!only.Content.StartsWith("#!", StringComparison.Ordinal))
                return [.. _state.Config.Shell ?? CommandWords.DefaultShell, only.Content];
            script = only.Content;
            return [RunMounts.ScriptPath];
        }
        // The shell reads them itself; tabs are gone already.
        var text = new StringBuilder(line).Append('\n');
        foreach (var heredoc in run.Heredocs)
            text.Append(heredoc.Content).Append(heredoc.Name).Append('\n');
        return [.. _state.Config.Shell ?? CommandWords.DefaultShell, text.ToString()];
    }

    // Under a key that no step has, so that it is seen and pruned with the cache, and taken by nobody.
    private async Task<FailedState> KeepAsync(Instruction.Run run, ImageRecord files, string id, RunMounts mounts, IReadOnlyList<string> arguments)
    {
        var key = new Caching.CacheKey("failed", files).Add(id).Finish();
        var kept = await build.Cache.TakeAsync(key, $"failed: {run.Text}", fresh: true, build.Lease, () => build.Engine.Steps.CommitAsync(files, id, mounts.Targets, build.Epoch, build.Stopped), build.Stopped);
        return new FailedState(kept.Files.Id.ToString(), key, _state.Config.Shell ?? CommandWords.DefaultShell, [.. arguments, .. _state.Config.Env], _state.Config.WorkingDir ?? "/", _state.Config.User ?? "");
    }

    private BuildException Failure(Instruction.Run run, IReadOnlyList<string> command, int code, FailedState? kept)
    {
        Say(build.Plan.Text.Excerpt(build.Request.Dockerfile, run.Place));
        // Clients that stay connected are BuildKit's, and get its words.
        var reason = build.Request.Client is null ? $"The command '{string.Join(' ', command)}' returned a non-zero code: {code}"
            : $"process \"{string.Join(' ', command)}\" did not complete successfully: exit code: {code} ({run.Place})";
        return new BuildException(ErrorKind.Internal, reason, code) { Failed = kept, IsTold = true };
    }
}
