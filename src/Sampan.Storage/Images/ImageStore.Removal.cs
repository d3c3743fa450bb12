using Sampan.Oci.Images;

namespace Sampan.Storage.Images;

/// <summary>Removing images by Docker's rules (moby, daemon/images/image_delete.go).</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Removes a name, and with the last name the image, its blobs and layers that nothing else needs.
    /// <list type="bullet">
    /// <item>By name: only that name goes while others are left. The last one stays if a container uses the image, unless forced.</item>
    /// <item>By identity: the image goes with its name; if it has names in several repositories only by force.</item>
    /// <item>Never, not even by force: while a running container uses it, or another image was made from it.</item>
    /// </list>
    /// </summary>
    /// <param name="referenceOrId">What the user wrote.</param>
    /// <param name="force">Remove also what is named several times or used by a stopped container (which keeps its layers).</param>
    /// <param name="noPrune">Keep parents without a name.</param>
    /// <param name="usedBy">A container that uses an image, a running one if there is one, or null.</param>
    /// <exception cref="StorageException">NotFound; Conflict, with Docker's words.</exception>
    public ImageRemoval Remove(string referenceOrId, bool force, bool noPrune, Func<ImageRecord, ImageUse?> usedBy)
    {
        ImageRemoval done;
        lock (_gate)
        {
            var image = ToRecord(Required(referenceOrId));
            var removal = new Removal(this, force, !noPrune, usedBy);
            var deleted = IsIdPrefix(image.Id, referenceOrId)
                ? removal.RemoveById(image)
                : removal.RemoveByName(image, referenceOrId);
            done = new ImageRemoval(image.Id, removal.Untagged, deleted);
        }
        Layers.Sweep();
        return done;
    }

    /// <summary>Removes the images for some platforms from what a name leads to; the name and the others stay.</summary>
    /// <param name="referenceOrId">What the user wrote.</param>
    /// <param name="platforms">Which.</param>
    /// <param name="force">Also those that a stopped container uses (which keeps its layers).</param>
    /// <param name="usedBy">As for <see cref="Remove"/>.</param>
    /// <exception cref="StorageException">NotFound: not here for such a platform; Conflict: it is in use, or the last one.</exception>
    public ImageRemoval RemovePlatforms(string referenceOrId, IReadOnlyList<Platform> platforms, bool force, Func<ImageRecord, ImageUse?> usedBy)
    {
        var deleted = new List<string>();
        Digest id;
        lock (_gate)
        {
            id = Required(referenceOrId).Stored.Id;
            foreach (var platform in platforms)
            {
                var image = Find(referenceOrId, platform) ?? throw new StorageException(StorageError.NotFound, $"image '{referenceOrId}' is not here for {platform}");
                deleted.AddRange(new Removal(this, force, prune: false, usedBy).RemovePlatform(image));
            }
        }
        Layers.Sweep();
        return new ImageRemoval(id, [], deleted);
    }

    private static bool IsIdPrefix(Digest id, string text) =>
        id.ToString().StartsWith(text, StringComparison.Ordinal) || id.Hex.StartsWith(text, StringComparison.Ordinal);

    /// <summary>One removal; the store's gate is held.</summary>
    private sealed class Removal(ImageStore store, bool force, bool prune, Func<ImageRecord, ImageUse?> usedBy)
    {
        private readonly List<string> _deleted = [];

        internal List<string> Untagged { get; } = [];

        internal IReadOnlyList<string> RemoveByName(ImageRecord image, string text)
        {
            var siblings = image.Siblings;
            if (!force && IsSingleReference(image) && usedBy(image) is { } use)
            {
                // The image would be left without a name; that must be asked for.
                throw new StorageException(
                    StorageError.Conflict,
                    $"conflict: unable to remove repository reference \"{text}\" (must force) - {(use.ContainerId is { } id ? $"container {Short(id)}" : "a running build")} is using its referenced image {image.Id.Short}");
            }
            var reference = ImageReference.Parse(text);
            var key = reference.Digest is { } digest ? reference.WithDigest(digest) : reference;
            Untag([key]);
            image = Refreshed(image);
            // Names by digest are no use when the repository's last tag is gone.
            if (key.Digest is null && image.RepoTags.All(tag => tag.Name != key.Name))
            {
                Untag([.. image.RepoDigests.Where(name => name.Name == key.Name)]);
                image = Refreshed(image);
            }
            if (!image.IsDangling)
                store.WriteNames();
            else
                Delete(image, quiet: true);
            DeleteLeft(siblings);
            return _deleted;
        }

        internal IReadOnlyList<string> RemoveById(ImageRecord image)
        {
            var siblings = image.Siblings;
            if (IsSingleReference(image))
            {
                if (Conflict(image, ignoreNames: true) is { } conflict)
                    throw conflict.Error;
                Untag([.. image.RepoTags, .. image.RepoDigests]);
                image = Refreshed(image);
            }
            Delete(image, quiet: false);
            DeleteLeft(siblings);
            return _deleted;
        }

        /// <summary>Removes the image for one platform from what a name leads to; the others stay.</summary>
        internal IReadOnlyList<string> RemovePlatform(ImageRecord image)
        {
            if (!image.IsMember && (image.Siblings.Count == 0 || image.RepoTags.Count + image.RepoDigests.Count == 0))
                throw Refusal(image, "cannot be forced", "it is the only one here: remove the whole image, without a platform");
            // The others stay, whoever uses them.
            if (Conflict(image with { Siblings = [] }, ignoreNames: true) is { } conflict)
                throw conflict.Error;
            foreach (var (key, name) in store._names.Where(name => name.Value.Id == image.Id).ToList())
            {
                if (name.Index is { } index && store.MembersOf(index).Where(id => id != image.Id).Select(id => (Digest?)id).FirstOrDefault() is { } next)
                    store._names[key] = name with { Id = next };
            }
            image = Refreshed(image);
            if (image.HasNames)
                throw Refusal(image, "must be forced", "names of its own lead to it: remove those first");
            store.Erase(image.Id);
            _deleted.Add((image.Manifest?.Digest ?? image.Id).ToString());
            store.Collect();
            return _deleted;
        }

        // The images for other platforms had no name but the one that is gone.
        private void DeleteLeft(IReadOnlyList<Digest> siblings)
        {
            foreach (var id in siblings)
            {
                if (store._images.TryGetValue(id, out var entry) && store.ToRecord(entry) is { IsDangling: true } left)
                    Delete(left, quiet: true);
            }
        }

        private void Delete(ImageRecord image, bool quiet)
        {
            if (Conflict(image, ignoreNames: false) is { } conflict)
            {
                // The name was removed, which was asked for; that the image stays is only told where nobody would expect it.
                store.WriteNames();
                if (quiet && (!image.IsDangling || conflict.IsUsed))
                    return;
                throw conflict.Error;
            }
            Untag([.. image.RepoTags, .. image.RepoDigests]);
            store.Erase(image.Id);
            _deleted.Add(image.Id.ToString());
            var gone = store.Collect().Select(layer => layer.ChainId).ToHashSet();
            _deleted.AddRange(image.Layers.Reverse().Select(layer => layer.ChainId).Where(gone.Contains).Select(chainId => chainId.ToString()));

            if (prune && image.Parent is { } parentId && store._images.TryGetValue(parentId, out var entry))
            {
                var parent = store.ToRecord(entry);
                if (parent.IsDangling && Conflict(parent, ignoreNames: false) is null)
                    Delete(parent, quiet: true);
            }
        }

        private (StorageException Error, bool IsUsed)? Conflict(ImageRecord image, bool ignoreNames)
        {
            if (store._images.Values.Any(other => other.Stored.Parent == image.Id))
                return (Refusal(image, "cannot be forced", "image has dependent child images"), false);
            var use = usedBy(image);
            if (use is { Running: true })
                return (Refusal(image, "cannot be forced", $"image is being used by {(use.ContainerId is { } id ? $"running container {Short(id)}" : "a running build")}"), true);
            if (force)
                return null;
            if (!ignoreNames && image.HasNames)
                return (Refusal(image, "must be forced", "image is referenced in multiple repositories"), false);
            return use is null ? null : (Refusal(image, "must be forced", $"image is being used by stopped container {Short(use.ContainerId ?? "")}"), true);
        }

        private static StorageException Refusal(ImageRecord image, string how, string why) =>
            new(StorageError.Conflict, $"conflict: unable to delete {image.Id.Short} ({how}) - {why}");

        private void Untag(IReadOnlyList<ImageReference> references)
        {
            foreach (var reference in references)
            {
                if (store._names.Remove(reference.ToString()))
                    Untagged.Add(reference.Familiar);
            }
        }

        private ImageRecord Refreshed(ImageRecord image) => store.ToRecord(store._images[image.Id]);

        // At most one tag, and all names by digest in that tag's repository.
        private static bool IsSingleReference(ImageRecord image) =>
            image.RepoTags.Count + image.RepoDigests.Count <= 1
            || (image.RepoTags.Count <= 1 && image.RepoTags.Concat(image.RepoDigests).Select(name => name.Name).Distinct().Count() == 1);

        private static string Short(string containerId) => containerId.Length > 12 ? containerId[..12] : containerId;
    }
}
