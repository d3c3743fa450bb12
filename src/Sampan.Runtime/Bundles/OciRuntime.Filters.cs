using Sampan.Linux;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Bundles;

/// <summary>Filters whose calls wait for an agent.</summary>
public sealed partial class OciRuntime
{
    /// <summary>Takes the listener of a container's filter to its agent; null if the filter has none.</summary>
    private static Action<SafeFd>? ListenerSender(Bundle bundle, ContainerState state, int pid) =>
        bundle.Spec.Linux?.Seccomp is { } seccomp && SeccompFilter.ListenerOf(seccomp) is { } agent ? listener => agent.Send(listener, state, pid) : null;
}
