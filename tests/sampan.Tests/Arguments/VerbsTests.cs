using Sampan.Cli.Commands;

namespace Sampan.Cli.Tests.Arguments;

public sealed class VerbsTests
{
    [Fact]
    public void A_command_that_is_found_without_making_the_others_is_the_one_among_them()
    {
        foreach (var command in Verbs.Root.Subcommands)
        {
            foreach (var name in command.OtherNames.Prepend(command.Name))
                Verbs.Root.Find(name).ShouldBeSameAs(command);
        }
        Verbs.Root.Find("no-such-command").ShouldBeNull();
    }
}
