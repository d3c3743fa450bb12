using System.Text.Json;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>The commands of an OCI runtime, with runc's options.</summary>
internal static class OciCommands
{
    internal static int Create(OciRuntime runtime, Options options)
    {
        var (create, _, _) = ReadCreate(options, "create");
        var id = options.Argument("container-id");
        options.RequireEnd("create");
        runtime.Create(id, create);
        return 0;
    }

    internal static int Run(OciRuntime runtime, Options options)
    {
        var (create, detach, keep) = ReadCreate(options, "run");
        var id = options.Argument("container-id");
        options.RequireEnd("run");
        runtime.Create(id, create);
        try
        {
            runtime.Start(id);
            if (detach)
                return 0;
            var code = runtime.WaitForChild(id);
            if (!keep)
                runtime.Delete(id, force: true);
            return code;
        }
        catch
        {
            runtime.Delete(id, force: true);
            throw;
        }
    }

    private static (CreateOptions, bool Detach, bool Keep) ReadCreate(Options options, string command)
    {
        var create = new CreateOptions();
        var detach = false;
        var keep = false;
        while (options.TryOption() is { } option)
        {
            switch (option)
            {
                case "b" or "bundle":
                    create = create with { Bundle = options.Value() };
                    break;
                case "pid-file":
                    create = create with { PidFile = options.Value() };
                    break;
                case "console-socket":
                    create = create with { ConsoleSocket = options.Value() };
                    break;
                case "preserve-fds":
                    create = create with { PreservedDescriptors = options.Number() };
                    break;
                case "no-pivot":
                    create = create with { NoPivot = options.Switch() };
                    break;
                case "no-new-keyring":
                    _ = options.Switch(); // none is made
                    break;
                case "d" or "detach" when command == "run":
                    detach = options.Switch();
                    break;
                case "keep" when command == "run":
                    keep = options.Switch();
                    break;
                default:
                    throw options.Unknown(command);
            }
        }
        return (create, detach, keep);
    }

    internal static int Start(OciRuntime runtime, Options options)
    {
        if (options.TryOption() is not null)
            throw options.Unknown("start");
        var id = options.Argument("container-id");
        options.RequireEnd("start");
        runtime.Start(id);
        return 0;
    }

    internal static int State(OciRuntime runtime, Options options)
    {
        if (options.TryOption() is not null)
            throw options.Unknown("state");
        var id = options.Argument("container-id");
        options.RequireEnd("state");
        StandardStreams.WriteOutput(JsonSerializer.Serialize(runtime.State(id), OciRuntimeJson.Default.ContainerState) + "\n");
        return 0;
    }

    internal static int Kill(OciRuntime runtime, Options options)
    {
        var all = false;
        while (options.TryOption() is { } option)
        {
            if (option is not ("a" or "all"))
                throw options.Unknown("kill");
            all = options.Switch();
        }
        var id = options.Argument("container-id");
        var signal = Signals.Parse(options.TryArgument() ?? "SIGTERM");
        // runc takes the option behind the arguments, too: containerd's shim puts it there.
        if (options.TryOption() is { } late)
            all = late is "a" or "all" ? options.Switch() : throw options.Unknown("kill");
        options.RequireEnd("kill");
        runtime.Kill(id, signal, all);
        return 0;
    }

    internal static int Delete(OciRuntime runtime, Options options)
    {
        var force = false;
        while (options.TryOption() is { } option)
        {
            if (option is not ("f" or "force"))
                throw options.Unknown("delete");
            force = options.Switch();
        }
        var id = options.Argument("container-id");
        options.RequireEnd("delete");
        runtime.Delete(id, force);
        return 0;
    }

    internal static int List(OciRuntime runtime, Options options)
    {
        if (options.TryOption() is not null)
            throw options.Unknown("list");
        options.RequireEnd("list");
        StandardStreams.WriteOutput("ID          PID         STATUS      BUNDLE\n");
        foreach (var id in runtime.List())
        {
            var state = runtime.State(id);
            StandardStreams.WriteOutput($"{id,-11} {state.Pid,-11} {state.Status,-11} {state.Bundle}\n");
        }
        return 0;
    }
}
