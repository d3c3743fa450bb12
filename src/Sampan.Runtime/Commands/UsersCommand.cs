using System.Globalization;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Netlink;
using Sampan.Linux.Processes;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Commands;

/// <summary>
/// <c>users make|show|network</c>: what the engine needs for containers whose users are mapped, and what only a process with one thread can make.
/// </summary>
internal static class UsersCommand
{
    internal static Command Definition => new("users", "make FILE UIDS GIDS | show FILE SOURCE TARGET | network FILE TARGET", "user namespaces that containers share")
    {
        Least = 3,
        Most = 4,
        IsHidden = true,
        Details = "make keeps a user namespace with maps like 0:100000:65536 on a file, show mounts a directory with its owners mapped, network keeps a network namespace that belongs to it.",
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        switch (arguments.Words)
        {
            case ["make", var file, var users, var groups]:
                using (var space = Launcher.HoldUserNamespace(new UserMaps(Ranges(users), Ranges(groups))))
                    NetworkNamespace.Keep(space, file);
                return 0;
            case ["show", var file, var source, var target]:
                Show(file, source, target);
                return 0;
            case ["network", var file, var target]:
                using (var space = NamespaceFile.Open(file))
                    Launcher.MakeInside(space, NamespaceTypes.Network, "net", network => NetworkNamespace.Keep(network, target));
                return 0;
            default:
                throw new UsageException($"sampan-runtime: \"users {string.Join(' ', arguments.Words)}\" is not one of 'make', 'show' and 'network' with their arguments");
        }
    }

    private static void Show(string file, string source, string target)
    {
        using var space = NamespaceFile.Open(file);
        using var tree = MountTree.Bind(source, recursive: false);
        tree.MapIds(space, recursive: false);
        // What is mounted at the source later has other owners: it must not appear here.
        tree.Change(MountAttributes.None, MountAttributes.None, MountPropagation.Private, recursive: false);
        using var place = RootPath.Open(target);
        tree.Attach(place.Descriptor, target);
    }

    private static IdRange[] Ranges(string text) => [.. text.Split(',').Select(Range)];

    private static IdRange Range(string text) => text.Split(':') is [var inside, var outside, var count] && TryNumber(inside, out var first) && TryNumber(outside, out var host) && TryNumber(count, out var size)
        ? new IdRange(first, host, size)
        : throw new UsageException($"'{text}' is not a range of ids: INSIDE:OUTSIDE:COUNT");

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
