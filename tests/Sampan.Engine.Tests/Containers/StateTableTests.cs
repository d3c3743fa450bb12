using Sampan.Engine.Containers.States;

namespace Sampan.Engine.Tests.Containers;

public sealed class StateTableTests
{
    [Fact]
    public void Diagram_in_the_documentation_is_the_tables()
    {
        var document = File.ReadAllText(Path.Combine(Repository(), "docs", "container-states.md"));
        var start = document.IndexOf("```mermaid\n", StringComparison.Ordinal) + "```mermaid\n".Length;
        document[start..document.IndexOf("```", start, StringComparison.Ordinal)].ShouldBe(StateTable.Diagram());
    }

    [Fact]
    public void Every_state_can_be_left_but_for_removal_itself()
    {
        foreach (var state in typeof(ContainerState).GetNestedTypes())
            StateTable.Moves.ShouldContain(m => m.From == state, $"{state.Name} is a dead end");
    }

    [Theory]
    [InlineData(typeof(ContainerState.Exited), typeof(ContainerState.Running))]
    [InlineData(typeof(ContainerState.Running), typeof(ContainerState.Removing))]
    [InlineData(typeof(ContainerState.Dead), typeof(ContainerState.Starting))]
    public void Short_cuts_are_not_in_the_table(Type from, Type to) =>
        StateTable.Moves.ShouldNotContain(m => m.From == from && m.To == to);

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Sampan.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("the repository's root is not above the test");
    }
}
