using System.Globalization;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Recipes;

/// <summary>What a container's labels say about the times of its restarts, where Docker's rules are not what is wanted (<c>deploy.restart_policy</c> of compose files).</summary>
/// <param name="Delay">How long to wait before each restart; null: as <see cref="RestartBackoff.Next"/> has it.</param>
/// <param name="Window">After a run of this length earlier restarts no longer count against the policy's limit; null: they always do.</param>
internal sealed record RestartTiming(TimeSpan? Delay, TimeSpan? Window)
{
    /// <summary>The label with the seconds to wait.</summary>
    public const string DelayLabel = "io.sampan.restart-delay";

    /// <summary>The label with the seconds after which a restart has succeeded.</summary>
    public const string WindowLabel = "io.sampan.restart-window";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>What the labels say.</summary>
    internal static RestartTiming Of(ContainerSpec spec) => new(Read(spec, DelayLabel), Read(spec, WindowLabel));

    /// <summary>What is wrong with the labels; null: nothing.</summary>
    internal static string? Problem(ContainerSpec spec)
    {
        foreach (var label in new[] { DelayLabel, WindowLabel })
        {
            if (spec.Labels.TryGetValue(label, out var text) && Read(spec, label) is null)
                return $"invalid value of the label '{label}': '{text}': expected seconds such as 5 or 0.5, at most a day";
        }

        return null;
    }

    private static TimeSpan? Read(ContainerSpec spec, string label) =>
        spec.Labels.TryGetValue(label, out var text) && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= (decimal)Longest.TotalSeconds
            ? TimeSpan.FromSeconds((double)seconds)
            : null;
}
