using System.Text;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Containers.States;

/// <summary>The allowed moves between states. <c>docs/container-states.md</c> is generated from it, and a test compares.</summary>
public static class StateTable
{
    /// <summary>Every allowed move and the verb that makes it.</summary>
    public static IReadOnlyList<StateMove> Moves { get; } =
    [
        new(typeof(Created), typeof(Starting), "start"),
        new(typeof(Created), typeof(Removing), "remove"),
        new(typeof(Starting), typeof(Running), "started"),
        new(typeof(Starting), typeof(Created), "start failed, first time"),
        new(typeof(Starting), typeof(Exited), "start failed, or ended at once"),
        new(typeof(Running), typeof(Paused), "pause"),
        new(typeof(Paused), typeof(Running), "unpause"),
        new(typeof(Running), typeof(Stopping), "stop"),
        new(typeof(Paused), typeof(Stopping), "stop"),
        new(typeof(Stopping), typeof(Running), "stop given up"),
        new(typeof(Running), typeof(Exited), "exit"),
        new(typeof(Paused), typeof(Exited), "exit"),
        new(typeof(Stopping), typeof(Exited), "exit"),
        new(typeof(Exited), typeof(Starting), "start"),
        new(typeof(Exited), typeof(Removing), "remove"),
        new(typeof(Removing), typeof(Dead), "removal failed"),
        new(typeof(Dead), typeof(Removing), "remove"),
    ];

    /// <summary>True when the table has the move.</summary>
    /// <param name="from">The present state.</param>
    /// <param name="to">The wanted state.</param>
    public static bool Allows(ContainerState from, ContainerState to) =>
        Moves.Any(m => m.From == from.GetType() && m.To == to.GetType());

    /// <summary>The table as a Mermaid state diagram.</summary>
    public static string Diagram()
    {
        var text = new StringBuilder("stateDiagram-v2\n    [*] --> Created: create\n");
        foreach (var move in Moves)
            text.Append($"    {move.From.Name} --> {move.To.Name}: {move.Verb}\n");
        return text.Append("    Removing --> [*]: removed\n").ToString();
    }
}
