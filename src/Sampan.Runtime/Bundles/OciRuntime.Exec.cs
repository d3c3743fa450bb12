using Sampan.Linux;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>Further processes in a container.</summary>
public sealed partial class OciRuntime
{
    /// <summary>
    /// Runs another process in a container, as the parent of it:
    /// <list type="number">
    /// <item>find the container; it must run</item>
    /// <item>compute the plan, under the filter that the container was made with</item>
    /// <item>open the way into the cgroup</item>
    /// <item>clone into the namespaces of init, by its descriptor, and follow the clone until it is ready</item>
    /// <item>hand the console over, write the pid file</item>
    /// <item>start; returns when the program runs</item>
    /// </list>
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="options">What to run.</param>
    /// <param name="onConsole">Takes the master of the terminal; null if the process is left alone, then <see cref="ExecOptions.ConsoleSocket"/> does.</param>
    /// <exception cref="StartFailedException">The program cannot be run.</exception>
    /// <exception cref="RuntimeException">Another step failed; nothing is left then.</exception>
    internal PidFd Exec(string id, ExecOptions options, Action<SafeFd>? onConsole)
    {
        var record = ReadRecord(id);
        var bundle = Bundle.LoadKept(DirectoryOf(id), record.Bundle);
        using var init = RequireRunning(record, options);
        var process = options.Process(bundle.Spec.Process ?? new OciProcess());
        ConsoleSocket.RequireUse(process.Terminal, detaches: onConsole is null, options.ConsoleSocket);
        WarnOfCapabilities(process, bundle.Spec);
        var filter = bundle.Spec.Linux?.Seccomp is { } seccomp ? SeccompFilter.Compile(seccomp) : null;
        var plan = ContainerEntry.Plan(process, filter, ContainerEntry.Held(NamespacesOf(bundle.Spec))) ;
        plan = plan with { PreservedDescriptors = ServiceManager.RequireInherited(first: 3, options.PreservedDescriptors) };
        using var join = PrepareJoin(record, options.Cgroups);
        using var streams = new OwnStreams();
        var (launched, console) = ContainerEntry.Enter(plan, new EntryResources { Init = init, Namespaces = NamespacesOf(bundle.Spec), Join = join, Streams = streams.All, MaySetGroups = MaySetGroups(), SessionKeyring = record.SessionKeyring });
        try
        {
            GiveConsole(console, options.ConsoleSocket, onConsole);
            WritePidFile(options.PidFile, launched.Process.Pid);
            launched.Conversation.Start(ListenerSender(bundle, StateOf(id, "running", record.Pid, bundle), launched.Process.Pid));
        }
        catch
        {
            launched.Abandon();
            throw;
        }
        launched.Conversation.Dispose();
        return launched.Process;
    }

    private PidFd RequireRunning(ContainerRecord record, ExecOptions options)
    {
        if (StatusOf(record) == "paused" && !options.IgnorePaused)
            throw new RuntimeException("exec", "cannot exec in a paused container (use --ignore-paused to override)");
        return OpenInit(record) ?? throw new RuntimeException("exec", "cannot exec in a stopped container");
    }

    /// <summary>The namespaces that the container does not share with the host.</summary>
    private static NamespaceTypes NamespacesOf(RuntimeSpec spec)
    {
        var types = NamespaceTypes.None;
        foreach (var one in spec.Linux?.Namespaces ?? [])
            types |= NamespaceNames.Parse(one.Type);
        return types;
    }
}
