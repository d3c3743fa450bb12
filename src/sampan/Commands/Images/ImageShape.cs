using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Commands.Images;

/// <summary>The columns of images.</summary>
internal static class ImageShape
{
    private const string None = "<none>";

    public static RowShape<ImageLine> Create(bool full, TimeProvider time) => new("image",
    [
        new("ID", "IMAGE ID", l => full ? l.Image.Id : Texts.ShortId(l.Image.Id)),
        new("Repository", "REPOSITORY", l => l.Repository),
        new("Tag", "TAG", l => l.Tag),
        new("Digest", "DIGEST", l => l.Digest),
        new("CreatedSince", "CREATED", l => HumanTime.Ago(DateTimeOffset.FromUnixTimeSeconds(l.Image.Created), time)),
        new("CreatedAt", "CREATED AT", l => HumanTime.Stamp(DateTimeOffset.FromUnixTimeSeconds(l.Image.Created), time)),
        new("Size", "SIZE", l => HumanSize.Short(l.Image.Size)),
        new("Containers", "CONTAINERS", l => l.Image.Containers < 0 ? "N/A" : l.Image.Containers.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("VirtualSize", "SIZE", l => HumanSize.Decimal(l.Image.Size)),
        new("SharedSize", "SHARED SIZE", l => l.Image.SharedSize < 0 ? "N/A" : HumanSize.Decimal(l.Image.SharedSize)),
        new("UniqueSize", "UNIQUE SIZE", l => l.Image.SharedSize < 0 ? "N/A" : HumanSize.Decimal(l.Image.Size - l.Image.SharedSize)),
    ]);

    /// <summary>A line per name; with digests, per name and digest; an image without names gets one of &lt;none&gt;.</summary>
    public static IEnumerable<ImageLine> Lines(ImageSummary image, bool digests)
    {
        var tags = (image.RepoTags ?? []).Where(t => t != "<none>:<none>").Select(ImageName.Split).GroupBy(t => t.Repository, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(t => t.Tag ?? "").ToList(), StringComparer.Ordinal);
        var hashes = (image.RepoDigests ?? []).Where(d => d != "<none>@<none>").Select(ImageName.Split).GroupBy(d => d.Repository, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(d => d.Tag ?? "").ToList(), StringComparer.Ordinal);
        bool any = false;
        foreach (var (repository, names) in tags)
        {
            var known = hashes.GetValueOrDefault(repository) ?? [];
            foreach (string tag in names)
            {
                any = true;
                if (!digests || known.Count == 0) yield return new ImageLine(image, repository, tag, None);
                else foreach (string digest in known) yield return new ImageLine(image, repository, tag, digest);
            }
        }
        foreach (var (repository, digestsOf) in hashes.Where(h => !tags.ContainsKey(h.Key)))
        {
            any = true;
            if (!digests) yield return new ImageLine(image, repository, None, None);
            else foreach (string digest in digestsOf) yield return new ImageLine(image, repository, None, digest);
        }
        if (!any) yield return new ImageLine(image, None, None, None);
    }
}
