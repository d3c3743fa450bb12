using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Commands;

/// <summary><c>features</c>: what this build can do, as JSON of the specification's features.md.</summary>
internal static class FeaturesCommand
{
    internal static Command Definition => new("features", "", "print what this runtime can do as JSON") { Least = 0, Most = 0, Run = Run };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        StandardStreams.WriteOutput(IndentedJson.Format(SpecDocument.Write(RuntimeFeatures.Read()), indent: 4, dropsEmpty: false) + "\n");
        return 0;
    }
}
