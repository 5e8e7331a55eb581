// The default numbering of modules depends on the folder they lie in; this one does not, so the
// built files, which are committed, are the same bytes wherever they are built.
module.exports = { optimization: { moduleIds: 'natural' } };
