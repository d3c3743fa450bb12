namespace Sampan.Conformance.Registry;

/// <summary>Where registries are known to differ from the specification. Each is asserted: once the registry conforms, the entry has to go.</summary>
internal static class RegistryDeviations
{
    private static readonly (string Registry, string Test, string Reason)[] s_all =
    [
    ];

    internal static string? Find(string registry, string test) =>
        Array.Find(s_all, one => one.Registry == registry && one.Test == test) is { Test: not null } found ? found.Reason : null;

    internal static IEnumerable<string> Tests => s_all.Select(one => one.Test);
}
