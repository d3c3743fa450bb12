using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>state</c>: the state of a container as JSON, with runc's members beside the specification's.</summary>
internal static class StateCommand
{
    internal static Command Definition => new("state", "<container-id>", "print the state of a container as JSON") { Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        StandardStreams.WriteOutput(ContainerListing.Serialize(context.Runtime.Describe(arguments.Words[0])) + "\n");
        return 0;
    }
}
