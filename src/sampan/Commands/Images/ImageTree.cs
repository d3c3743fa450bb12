using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands.Images;

/// <summary>images --tree: below each image the platforms that its name stands for; those that are not here have no sizes.</summary>
internal static class ImageTree
{
    public static async Task<int> RunAsync(Invocation call, Filters filters, string? refused, bool all, bool full)
    {
        if (refused is not null) throw new CommandException($"{refused} is not yet supported with --tree");
        var images = await call.Client.ListImageManifestsAsync(all, filters, call.Cancelled).ConfigureAwait(false);
        var rows = images.SelectMany(image => Lines(image, full)).Prepend(["IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "IN USE"]);
        call.Out.Write(TabWriter.Align(string.Concat(rows.Select(row => string.Join('\t', row).TrimEnd('\t') + "\n"))));
        return 0;
    }

    private static IEnumerable<string[]> Lines(ImageSummary image, bool full)
    {
        var manifests = image.Manifests ?? [];
        var platforms = manifests.Where(manifest => manifest.Kind == "image").ToList();
        var names = image.RepoTags is { Count: > 0 } tags ? tags : ["<untagged>"];
        long content = manifests.Sum(manifest => manifest.Size?.Content ?? 0);
        bool used = image.Containers > 0 || platforms.Exists(IsUsed);
        foreach (string name in names)
        {
            yield return [name, Id(image.Id, full), HumanSize.Short(content + platforms.Sum(Unpacked)), HumanSize.Short(content), used ? "yes" : ""];
        }
        for (int i = 0; i < platforms.Count; i++)
        {
            var manifest = platforms[i];
            var platform = manifest.ImageData?.Platform;
            string what = string.Join('/', new[] { platform?.Os, platform?.Architecture, platform?.Variant }.Where(part => part is { Length: > 0 }));
            yield return [$"{(i == platforms.Count - 1 ? "└─" : "├─")} {what}", Id(manifest.ID, full), HumanSize.Short(manifest.Size?.Total ?? 0), HumanSize.Short(manifest.Size?.Content ?? 0), IsUsed(manifest) ? "yes" : ""];
        }
    }

    private static long Unpacked(ImageManifestSummary manifest) => manifest.ImageData?.Size?.Unpacked ?? 0;

    private static bool IsUsed(ImageManifestSummary manifest) => manifest.ImageData?.Containers is { Count: > 0 };

    private static string Id(string id, bool full) => full ? id : Texts.ShortId(id);
}
