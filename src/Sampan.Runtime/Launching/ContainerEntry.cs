using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Launching;

/// <summary>Further processes of a running container: planned and made ready here, for the supervisor and for the command line alike.</summary>
internal static class ContainerEntry
{
    /// <summary>The capabilities that a process in these namespaces can have: root of a user namespace holds everything there.</summary>
    internal static CapabilitySet Held(NamespaceTypes namespaces) =>
        namespaces.HasFlag(NamespaceTypes.User) ? ProcessCapabilities.ReadKnown() : ProcessCapabilities.ReadPermitted();

    /// <summary>Checks a process and computes its plan.</summary>
    /// <param name="process">The process.</param>
    /// <param name="filter">The container's system call filter, or null.</param>
    /// <param name="held">The capabilities of this process.</param>
    /// <exception cref="RuntimeException">The process is not sound: every problem is named.</exception>
    internal static ProcessPlan Plan(OciProcess process, SeccompFilter? filter, CapabilitySet held)
    {
        var problems = new List<string>();
        SpecValidator.Validate(process, problems);
        if (problems.Count > 0)
            throw new RuntimeException("exec", "invalid process: " + string.Join("; ", problems));
        return ProcessPlanner.Plan(process, seccomp: null, held) with { Filter = filter };
    }

    /// <summary>Clones into the container and follows the clone until it waits for the start.</summary>
    /// <returns>The clone, and the master of its terminal if it has one.</returns>
    /// <exception cref="RuntimeException">A step failed; nothing is left then.</exception>
    internal static (LaunchedProcess Launched, SafeFd? Console) Enter(ProcessPlan plan, EntryResources resources)
    {
        if (resources.Namespaces.HasFlag(NamespaceTypes.User))
        {
            resources = resources with { MaySetGroups = IdMaps.AllowGroups(resources.Init.Pid) };
            if (IdMaps.ReadRoot(resources.Init.Pid) is { } root)
                Terminal.TryGivePipes(resources.Streams, root.Uid, root.Gid);
        }
        var launched = Launcher.Enter(plan, resources);
        try
        {
            return (launched, launched.Conversation.AwaitReady(onNamespaces: null));
        }
        catch
        {
            launched.Abandon();
            throw;
        }
    }
}
