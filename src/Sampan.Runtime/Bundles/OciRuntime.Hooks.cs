using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// Hooks of the runtime's own namespaces, at their places in the
/// <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#lifecycle">lifecycle</see>.
/// </summary>
public sealed partial class OciRuntime
{
    private static void RunLaunchHooks(Hooks hooks, string id, int pid, Bundle bundle)
    {
        var state = StateOf(id, "creating", pid, bundle);
        HookRunner.Run(hooks.Prestart, state, "prestart");
        HookRunner.Run(hooks.CreateRuntime, state, "createRuntime");
    }

    /// <summary>"If any poststart hook fails, the runtime MUST generate an error, stop the container, and continue the lifecycle at step 12."</summary>
    private void RunPoststart(Hooks hooks, ContainerRecord record, Bundle bundle)
    {
        try
        {
            HookRunner.Run(hooks.Poststart, StateOf(record.Id, "running", record.Pid, bundle), "poststart");
        }
        catch (RuntimeException)
        {
            KillInit(record);
            Destroy(record);
            throw;
        }
    }

    /// <summary>Undoes what create did, then runs the hooks of the end.</summary>
    private void Destroy(ContainerRecord record)
    {
        RemoveCgroup(record);
        var spec = record.IsPlain ? null : LoadLeniently(record);
        RemoveDirectory(DirectoryOf(record.Id));
        if (spec is not null)
            RunPoststop(new Bundle(record.Bundle, spec), record.Id);
    }

    /// <summary>"If any poststop hook fails, the runtime MUST log a warning, but the remaining hooks and lifecycle continue as if the hook had succeeded."</summary>
    private void RunPoststop(Bundle bundle, string id)
    {
        if (bundle.Spec.Hooks is not { Poststop.Count: > 0 } hooks)
            return;
        foreach (var failure in HookRunner.RunAll(hooks.Poststop, StateOf(id, "stopped", 0, bundle), "poststop"))
            Warn(failure);
    }
}
