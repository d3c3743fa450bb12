using Sampan.DockerApi.Engines;

namespace Sampan.Compose.Running;

/// <summary>Constraints of <c>deploy.placement</c> for a cluster of one node, which is its manager; its labels are those of the engine.</summary>
internal static class Placement
{
    /// <summary>Why a node does not fulfil a constraint; null: it does.</summary>
    public static string? Check(string constraint, SystemInfo node)
    {
        bool isEqual = constraint.Contains("==", StringComparison.Ordinal);
        string[] sides = constraint.Split(isEqual ? "==" : "!=", 2);
        if (sides.Length != 2) return $"'{constraint}' is no constraint: expected NAME==VALUE or NAME!=VALUE";
        var (name, value) = (sides[0].Trim(), sides[1].Trim());
        string? actual = name switch
        {
            "node.id" => node.ID,
            "node.role" => "manager",
            "node.hostname" => node.Name,
            "node.platform.os" => "linux",
            "node.platform.arch" => node.Architecture,
            _ when name.StartsWith("node.labels.", StringComparison.Ordinal) => Label(node, name["node.labels.".Length..]),
            _ when name.StartsWith("engine.labels.", StringComparison.Ordinal) => Label(node, name["engine.labels.".Length..]),
            _ => null,
        };
        if (actual is null) return $"'{name}' is nothing that a node has: expected node.id, node.role, node.hostname, node.platform.os, node.platform.arch, node.labels.NAME or engine.labels.NAME";
        return string.Equals(actual, value, StringComparison.OrdinalIgnoreCase) == isEqual ? null : $"the constraint '{constraint}' is not fulfilled: on this node, which is the only one, {name} is '{actual}'";
    }

    private static string Label(SystemInfo node, string name) =>
        (node.Labels ?? []).Select(l => l.Split('=', 2)).Where(l => l[0] == name).Select(l => l.Length > 1 ? l[1] : "").LastOrDefault("");
}
