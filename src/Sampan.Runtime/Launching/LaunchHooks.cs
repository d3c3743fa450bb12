using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>Questions about the hooks of a launch.</summary>
internal static class LaunchHooks
{
    /// <summary>True if hooks run outside while the namespaces exist and the root is not changed yet.</summary>
    internal static bool WantNamespaces(Hooks hooks) => hooks.Prestart.Count + hooks.CreateRuntime.Count > 0;
}
