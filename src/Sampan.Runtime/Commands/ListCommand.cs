using System.Globalization;
using Sampan.Linux.Io;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>list</c>: the containers of this root.</summary>
internal static class ListCommand
{
    internal static Command Definition => new("list", "", "list the containers of this --root")
    {
        Least = 0,
        Most = 0,
        Options =
        [
            CommandOption.Value("format", "table or json (table)", "f"),
            CommandOption.Switch("quiet", "ids only", "q"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        if (arguments.Has("quiet"))
        {
            foreach (var id in context.Runtime.List())
                StandardStreams.WriteOutput(id + "\n");
            return 0;
        }
        var listings = context.Runtime.DescribeAll();
        StandardStreams.WriteOutput(arguments.Text("format") switch
        {
            null or "table" => Table(listings),
            "json" => ContainerListing.Serialize(listings) + "\n",
            _ => throw new UsageException("invalid format option"),
        });
        return 0;
    }

    /// <summary>Columns as wide as what is in them and three spaces, at least twelve: Go's tabwriter, as runc sets it.</summary>
    internal static string Table(IReadOnlyList<ContainerListing> listings)
    {
        const int Least = 12;
        const int Gap = 3;
        List<string[]> rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]];
        rows.AddRange(listings.Select(one => new[] { one.Id, one.Pid.ToString(CultureInfo.InvariantCulture), one.Status, one.Bundle, one.Created, one.Owner }));
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => Math.Max(Least, rows.Max(row => row[column].Length) + Gap)).ToArray();
        return string.Concat(rows.Select(row => string.Concat(row.Select((cell, column) => column < row.Length - 1 ? cell.PadRight(widths[column]) : cell)) + "\n"));
    }
}
