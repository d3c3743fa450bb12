using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Health;

/// <summary>Whether a container that has become unhealthy is started again.</summary>
public static class UnhealthyRestart
{
    /// <summary>The label that says so: <c>true</c> or <c>false</c>; without it the daemon's default counts.</summary>
    public const string Label = "io.sampan.restart-on-unhealthy";

    /// <summary>Whether it is. A container that goes with its process (<c>--rm</c>) is not.</summary>
    /// <param name="spec">The container's wish.</param>
    /// <param name="usual">The daemon's default.</param>
    internal static bool Wanted(ContainerSpec spec, bool usual) => !spec.AutoRemove && (Said(spec) ?? usual);

    /// <summary>What is wrong with the label.</summary>
    internal static string? Problem(ContainerSpec spec) =>
        spec.Labels.TryGetValue(Label, out var text) && !bool.TryParse(text, out _) ? $"invalid value of the label '{Label}': '{text}': expected true or false"
        : spec.AutoRemove && Said(spec) == true ? "can't create 'AutoRemove' container that is restarted when it is unhealthy"
        : null;

    private static bool? Said(ContainerSpec spec) => spec.Labels.TryGetValue(Label, out var text) && bool.TryParse(text, out var said) ? said : null;
}
