using System.Runtime.InteropServices;

namespace Sampan.Compose.Running;

/// <summary>Constraints of <c>deploy.placement</c> for a cluster of one node, which is its manager and has no labels.</summary>
internal static class Placement
{
    /// <summary>Why a node does not fulfil a constraint; null: it does.</summary>
    public static string? Check(string constraint, string hostName, Architecture architecture)
    {
        bool isEqual = constraint.Contains("==", StringComparison.Ordinal);
        string[] sides = constraint.Split(isEqual ? "==" : "!=", 2);
        if (sides.Length != 2) return $"'{constraint}' is no constraint: expected NAME==VALUE or NAME!=VALUE";
        var (name, value) = (sides[0].Trim(), sides[1].Trim());
        string? actual = name switch
        {
            "node.role" => "manager",
            "node.hostname" => hostName,
            "node.platform.os" => "linux",
            "node.platform.arch" => architecture switch { Architecture.X64 => "x86_64", Architecture.Arm64 => "aarch64", _ => architecture.ToString().ToLowerInvariant() },
            _ when name.StartsWith("node.labels.", StringComparison.Ordinal) || name.StartsWith("engine.labels.", StringComparison.Ordinal) => "",
            _ => null,
        };
        if (actual is null) return $"'{name}' is nothing that a node has: expected node.role, node.hostname, node.platform.os, node.platform.arch or node.labels.NAME";
        return string.Equals(actual, value, StringComparison.OrdinalIgnoreCase) == isEqual ? null : $"the constraint '{constraint}' is not fulfilled: on this node, which is the only one, {name} is '{actual}'";
    }
}
