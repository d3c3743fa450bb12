namespace Sampan.Engine.Containers.Wishes;

/// <summary>One resource limit of a process (<c>--ulimit name=soft[:hard]</c>).</summary>
/// <param name="Name">Without the prefix, as <c>nofile</c>.</param>
/// <param name="Soft">The limit in force; -1: unlimited.</param>
/// <param name="Hard">How far the process may raise it; -1: unlimited.</param>
public sealed record UlimitSpec(string Name, long Soft, long Hard);
