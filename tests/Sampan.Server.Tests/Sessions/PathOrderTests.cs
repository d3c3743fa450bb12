using System.Text;
using Google.Protobuf;
using Sampan.BuildKit.Files;
using Sampan.BuildKit.Grpc;

namespace Sampan.Server.Tests.Sessions;

/// <summary>Lists of files as hostile clients send them: nothing leads out, nothing comes twice (security cases 46, 47).</summary>
public sealed class PathOrderTests
{
    [Fact]
    public void A_walk_that_takes_directories_before_their_files_and_names_by_their_bytes_is_taken()
    {
        var order = new PathOrder();
        foreach (var path in new[] { "a/", "a/b/", "a/b/c", "a/b.c", "a-b", "a.b/", "a.b/x", "ab", "b/", "c", "ä" })
            order.Next(ByteString.CopyFromUtf8(path.TrimEnd('/')), path.EndsWith('/'));
    }

    [Theory]
    [InlineData("is no plain path", "")]
    [InlineData("is no plain path", "/etc/passwd")]
    [InlineData("is no plain path", "..")]
    [InlineData("is no plain path", "../x")]
    [InlineData("is no plain path", "a/", "a/../../x")]
    [InlineData("is no plain path", "a/", "a/..")]
    [InlineData("is no plain path", ".")]
    [InlineData("is no plain path", "./a")]
    [InlineData("is no plain path", "a/", "a//b")]
    [InlineData("is no plain path", "a\0b")]
    [InlineData("out of order or twice", "a", "a")]
    [InlineData("out of order or twice", "b", "a")]
    [InlineData("out of order or twice", "a/", "a/b", "a/a")]
    [InlineData("out of order or twice", "a/", "b", "a/c")]
    [InlineData("is in no directory of the list", "a/b")]
    [InlineData("is in no directory of the list", "a", "a/b")]
    [InlineData("is in no directory of the list", "a/", "b/c")]
    [InlineData("is in no directory of the list", "a/", "a/b/c")]
    [InlineData("is in no directory of the list", "a/", "a/l", "a/l/x")]
    public void A_list_that_leads_out_goes_back_or_through_what_is_no_directory_is_refused(string reason, params string[] paths)
    {
        var order = new PathOrder();
        foreach (var path in paths.SkipLast(1))
            order.Next(ByteString.CopyFromUtf8(path.TrimEnd('/')), path.EndsWith('/'));

        Should.Throw<GrpcException>(() => order.Next(ByteString.CopyFromUtf8(paths[^1]), false)).Message.ShouldContain(reason);
    }

    [Fact]
    public void Names_are_as_long_as_the_kernel_lets_them_be()
    {
        new PathOrder().Next(ByteString.CopyFromUtf8(new string('n', 255)), false);
        Should.Throw<GrpcException>(() => new PathOrder().Next(ByteString.CopyFromUtf8(new string('n', 256)), false));
        var order = new PathOrder();
        var path = new StringBuilder("d");
        order.Next(ByteString.CopyFromUtf8("d"), true);
        while (path.Length <= 4096 - 202)
            order.Next(ByteString.CopyFromUtf8(path.Append('/').Append('d', 200).ToString()), true);
        Should.Throw<GrpcException>(() => order.Next(ByteString.CopyFromUtf8(path.Append('/').Append('d', 4095 - path.Length).Append("/x").ToString()), false));
    }
}
