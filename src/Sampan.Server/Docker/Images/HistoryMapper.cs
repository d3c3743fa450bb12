using Sampan.DockerApi.Images;
using Sampan.Engine.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>Makes <c>docker history</c>.</summary>
internal static class HistoryMapper
{
    /// <summary>The steps that made an image, in the engine's order: newest first.</summary>
    internal static IReadOnlyList<HistoryItem> ToHistory(IEnumerable<ImageStep> steps) =>
    [
        .. steps.Select(step => new HistoryItem
        {
            // Docker's word for steps whose image is not here.
            Id = step.Id ?? "<missing>",
            Created = step.Created?.ToUnixTimeSeconds() ?? 0,
            CreatedBy = step.CreatedBy,
            Comment = step.Comment,
            Size = step.Size,
            Tags = step.Tags.Count == 0 ? null : step.Tags,
        }),
    ];
}
