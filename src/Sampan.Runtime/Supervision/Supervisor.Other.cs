using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Filters;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Supervision;

/// <summary>A container that another runtime makes.</summary>
internal sealed partial class Supervisor
{
    private OtherRuntime? _other;

    /// <summary>
    /// <list type="number">
    /// <item>refuse what only this runtime does</item>
    /// <item>mount the root, in a mount namespace of the supervisor's own: it goes with it, however it ends</item>
    /// <item>write the specification, with the filter that the launch names in the specification's words</item>
    /// <item>control group, streams</item>
    /// <item>have the other runtime create</item>
    /// </list>
    /// </summary>
    private void LaunchElsewhere(OtherRuntimeChoice choice, LaunchPlan plan, Bundle bundle, Undo undo)
    {
        if (OtherRuntime.Extension(bundle.Spec) is { } extension)
            throw new RuntimeException("runtime", $"runtime '{choice.Path}' cannot do {extension}: it takes the engine's own runtime");
        // Its hooks are the other runtime's to run.
        _hooks = new Hooks();
        MountRootHere(plan);
        var spec = bundle.Spec with { Root = new Root { Path = "rootfs", Readonly = bundle.Spec.Root?.Readonly ?? false } };
        if (_launch.SeccompProfile is { } profile)
            spec = spec with { Linux = (spec.Linux ?? new LinuxSection()) with { Seccomp = SeccompWords.ForProfile(profile, plan.Process.Capabilities.Bounding) } };
        AtomicFile.Write($"{_launch.StateDirectory}/{Bundle.ConfigName}", SpecDocument.Write(spec), durable: false);

        _group = ContainerGroup.Create(CgroupHost.Detect(), bundle.Spec, _launch.Id, undo);
        _streams = new ProcessStreams(_poll, _log, _buffer, plan.Process.Terminal);
        _other = new OtherRuntime(choice, _launch.Id, _launch.StateDirectory);
        undo.Push(_other.Delete);
        var streams = plan.Process.Terminal ? null : _streams.MakePipes(_launch.OpenStdin, stdout: true, stderr: true);
        PidFd init;
        try
        {
            init = _other.Create(streams, _streams.TakeConsole);
        }
        finally
        {
            foreach (var stream in streams ?? [])
                stream?.Dispose();
        }

        // The other runtime holds the talk with init: nobody speaks through this one.
        var (ours, theirs) = MessageSocket.Pair();
        theirs.Dispose();
        _init = new LaunchedProcess(init, new InitConversation(ours));
        undo.Push(_init.Abandon);
    }

    private void MountRootHere(LaunchPlan plan)
    {
        CurrentProcess.Unshare(NamespaceTypes.Mount);
        using (var root = HostFile.Open("/", OpenFlags.Path))
            MountTree.Change(root, MountAttributes.None, MountAttributes.None, MountPropagation.Slave, recursive: true, "/");
        if (plan.RootfsMounts.Count > 0)
            RootfsAssembly.MountRoot(plan.RootDirectory, plan.RootfsMounts, cgroups: null, trees: null, followsHost: false).Dispose();
    }
}
