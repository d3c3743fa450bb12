using System.Text;
using Sampan.Storage.Registry;

namespace Sampan.Storage.Tests.Registry;

public sealed class RegistryUploadTests : RegistryStoreTest
{
    [Fact]
    public async Task An_upload_goes_on_after_a_restart_at_the_byte_where_it_stopped()
    {
        var upload = Store.BeginUpload(Name("app"), "anna", null);
        await AppendAsync(upload, "the first half, ");
        var id = upload.Id.ToString("D");

        Reopen();
        var again = Store.FindUpload(Name("app"), "anna", id).ShouldNotBeNull();
        again.Length.ShouldBe(16);
        await AppendAsync(again, "the second");
        await FinishAsync(again, DigestOf("the first half, the second"));

        Read("app", DigestOf("the first half, the second")).ShouldBe("the first half, the second");
        Files("uploads").ShouldBeEmpty();
    }

    [Fact]
    public void An_upload_is_found_by_whoever_began_it_for_its_repository_alone()
    {
        var id = Store.BeginUpload(Name("app"), "anna", null).Id.ToString("D");

        Store.FindUpload(Name("app"), "anna", id).ShouldNotBeNull();
        Store.FindUpload(Name("app"), "bert", id).ShouldBeNull();
        Store.FindUpload(Name("app"), null, id).ShouldBeNull();
        Store.FindUpload(Name("other"), "anna", id).ShouldBeNull();
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("00000000-0000-0000-0000-000000000000/../x")]
    [InlineData("{00000000-0000-0000-0000-000000000000}")]
    public void What_is_no_id_of_an_upload_is_no_path(string id) => Store.FindUpload(Name("app"), null, id).ShouldBeNull();

    [Fact]
    public async Task A_wrong_digest_leaves_nothing()
    {
        var upload = Store.BeginUpload(Name("app"), null, null);
        await AppendAsync(upload, "something");

        (await Should.ThrowAsync<RegistryRefusalException>(() => FinishAsync(upload, DigestOf("something else")))).Code.ShouldBe(RefusalCode.DigestInvalid);

        Files("").ShouldBeEmpty();
        Store.UploadCount.ShouldBe(0);
    }

    [Fact]
    public async Task The_digest_may_be_of_another_algorithm_than_was_expected()
    {
        var upload = Store.BeginUpload(Name("app"), null, ContentDigest.Sha256);
        await AppendAsync(upload, "something");
        var digest = ContentDigest.Of(ContentDigest.Sha512, "something"u8);

        await FinishAsync(upload, digest);

        Read("app", digest).ShouldBe("something");
    }

    [Fact]
    public async Task Bytes_that_are_taken_back_do_not_count()
    {
        var upload = Store.BeginUpload(Name("app"), null, null);
        await AppendAsync(upload, "right");
        await EnteredAsync(upload, () =>
        {
            upload.Append(" and wrong"u8);
            upload.TruncateTo(5);
            upload.Append(" and right"u8);
        });

        await FinishAsync(upload, DigestOf("right and right"));

        Read("app", DigestOf("right and right")).ShouldBe("right and right");
    }

    [Fact]
    public async Task Abandoned_uploads_expire_and_those_that_are_written_to_do_not()
    {
        var old = Store.BeginUpload(Name("app"), null, null);
        var busy = Store.BeginUpload(Name("app"), null, null);
        await AppendAsync(old, "12345");
        foreach (var upload in new[] { old, busy })
            File.SetLastWriteTimeUtc(upload.DataPath, Time.Now.UtcDateTime);
        Time.Now += Options.UploadExpiry + TimeSpan.FromSeconds(1);
        (await busy.TryEnterAsync(TimeSpan.Zero, Ct)).ShouldBeTrue();

        (await Store.ExpireUploadsAsync(Ct)).ShouldBe(5);

        busy.Leave();
        Store.FindUpload(Name("app"), null, old.Id.ToString("D")).ShouldBeNull();
        Store.FindUpload(Name("app"), null, busy.Id.ToString("D")).ShouldNotBeNull();
    }

    [Fact]
    public void Too_many_uploads_are_refused()
    {
        Options = Options with { MaxUploads = 2 };
        Reopen();
        Store.BeginUpload(Name("app"), null, null);
        Store.BeginUpload(Name("app"), null, null);

        Should.Throw<RegistryRefusalException>(() => Store.BeginUpload(Name("app"), null, null)).Code.ShouldBe(RefusalCode.TooManyRequests);
    }

    [Fact]
    public async Task What_a_crash_left_half_made_is_gone_at_the_next_start()
    {
        await PushBlobAsync("app", "a blob");
        var upload = Store.BeginUpload(Name("app"), null, null);
        var uploads = Path.GetDirectoryName(upload.DataPath).ShouldNotBeNull();
        await File.WriteAllTextAsync(Path.Combine(uploads, $"{Guid.NewGuid():D}.json"), "{\"reposi", Ct);
        await File.WriteAllTextAsync(Path.Combine(uploads, $"{Guid.NewGuid():D}.data"), "no record", Ct);
        await File.WriteAllTextAsync(Path.Combine(Options.Root, "incoming", "7"), "half a manifest", Ct);

        Reopen();

        Store.UploadCount.ShouldBe(1);
        Files("uploads").Length.ShouldBe(2);
        Files("incoming").ShouldBeEmpty();
        Read("app", DigestOf("a blob")).ShouldBe("a blob");
    }

    [Fact]
    public async Task The_same_blob_can_be_pushed_by_many_at_once()
    {
        var content = new string('x', 100_000);
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), Ct, async (i, _) => await PushBlobAsync($"app{i % 3}", content));

        Read("app0", DigestOf(content)).ShouldBe(content);
        Files("blobs").ShouldHaveSingleItem();
        Files("uploads").ShouldBeEmpty();
    }

    private static async Task EnteredAsync(UploadSession upload, Action work)
    {
        (await upload.TryEnterAsync(TimeSpan.Zero, Ct)).ShouldBeTrue();
        try
        {
            work();
        }
        finally
        {
            upload.Leave();
        }
    }

    private static Task AppendAsync(UploadSession upload, string text) => EnteredAsync(upload, () => upload.Append(Encoding.UTF8.GetBytes(text)));

    private Task FinishAsync(UploadSession upload, ContentDigest digest) => EnteredAsync(upload, () => Store.FinishUpload(upload, digest, Ct));
}
